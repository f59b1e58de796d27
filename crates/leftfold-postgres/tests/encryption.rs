//! Connections are encrypted where the address or the options ask for it, with a server that can prove who it is.

mod server;

use leftfold_postgres::Postgres;
use server::server;

#[cfg(not(feature = "tls"))]
#[test]
fn without_the_feature_an_encrypted_connection_is_refused_and_the_feature_is_named() {
    let Some(server) = server() else { return };
    let refused = |url: &str, options| {
        let error = Postgres::open_with(url, options).unwrap_err();
        assert!(matches!(error, leftfold_postgres::OpenError::Encryption { .. }), "{error}");
        assert!(error.to_string().contains("without the feature `tls`"), "{error}");
    };
    refused(&(server.url() + "?sslmode=require"), server.fresh());
    refused(&server.url(), server.fresh().root_certificate("root.pem"));
}

#[cfg(feature = "tls")]
mod with_the_feature {
    use super::*;
    use server::Server;
    use std::path::Path;
    use std::process::Command;

    fn openssl(folder: &Path, arguments: &str) {
        let mut openssl = Command::new("openssl");
        let output = openssl.current_dir(folder).args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A server with a certificate for 127.0.0.1 alone, from `root.pem` in its folder; `other.pem` is a root of somebody else.
    fn encrypted(shared: &Server) -> Server {
        let server = Server::start(shared.programs());
        let folder = server.folder();
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        for root in ["root", "other"] {
            openssl(
                folder,
                &format!("req -x509 {key} -keyout {root}.key -out {root}.pem -subj /CN={root} -days 2"),
            );
        }
        std::fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1").unwrap();
        openssl(folder, &format!("req {key} -keyout server.key -out server.csr -subj /CN=server"));
        openssl(
            folder,
            "x509 -req -in server.csr -CA root.pem -CAkey root.key -CAcreateserial -out server.pem -days 2 -extfile names",
        );
        let _ = Command::new("chown").arg("postgres").arg(folder.join("server.key")).output();
        for (setting, file) in [("ssl_cert_file", "server.pem"), ("ssl_key_file", "server.key")] {
            server.sql(&format!("alter system set {setting} = '{}'", folder.join(file).display()));
        }
        server
    }

    #[test]
    fn a_server_is_let_in_by_its_root_certificate_and_by_no_other() {
        let Some(shared) = server() else { return };
        let server = encrypted(shared);
        let root = |name: &str| server.fresh().root_certificate(server.folder().join(name));
        let refused = |url: &str, options: leftfold_postgres::PostgresOptions, why: &str| {
            let error = Postgres::open_with(url, options).unwrap_err().to_string();
            assert!(error.contains(why), "{error:?} does not say {why:?}");
        };
        refused(&server.url(), root("root.pem"), "server does not support TLS");
        server.sql("alter system set ssl = on");
        server.sql("select pg_reload_conf(), pg_sleep(0.5)");

        let is_encrypted = |url: &str, options| {
            let store = Postgres::open_with(url, options).unwrap();
            let ssl = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
            store.transaction(|sql| Ok(sql.query(ssl, Vec::new())?[0].get::<_, bool>(0))).unwrap()
        };
        assert!(is_encrypted(&server.url(), root("root.pem")), "a root certificate asks for encryption");
        assert!(!is_encrypted(&server.url(), server.fresh()), "nothing asks for it here");
        let required = server.url() + "?sslmode=require";
        assert!(is_encrypted(&required, root("root.pem")));

        refused(&required, root("other.pem"), "UnknownIssuer; PostgresOptions::root_certificate names");
        refused(&required, server.fresh(), "; PostgresOptions::root_certificate names");
        let elsewhere = required.replace("127.0.0.1", "localhost");
        refused(&elsewhere, root("root.pem"), "not valid for name");
        let program = |root: &str| {
            let mut program = Command::new(env!("CARGO_BIN_EXE_leftfold-postgres"));
            program
                .args(["migrate", &required, "of_program"])
                .env("SSL_CERT_FILE", server.folder().join(root));
            program.output().unwrap().status.success()
        };
        assert_eq!((program("root.pem"), program("other.pem")), (true, false));
        refused(&required, root("none.pem"), "cannot be encrypted: the root certificate in");
        refused(&required, root("names"), "there is no certificate in PEM form");
    }
}
