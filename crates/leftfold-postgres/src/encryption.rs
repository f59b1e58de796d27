//! Whether connections are encrypted, and how.

use crate::options::PostgresOptions;
use crate::schema::OpenError;
use std::future::poll_fn;
use tokio::task::AbortHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Config, Error, NoTls, Socket};

/// How the connections of a handle are made.
pub(crate) enum Encryption {
    Off,
    #[cfg(feature = "tls")]
    On(tokio_postgres_rustls::MakeRustlsConnect),
}

impl Encryption {
    /// As the address and the options want it. The address `prefer`s encryption where it says nothing: that is not asked for.
    pub(crate) fn of(config: &mut Config, options: &PostgresOptions) -> Result<Encryption, OpenError> {
        if options.root_certificate.is_some() {
            config.ssl_mode(SslMode::Require);
        }
        match config.get_ssl_mode() {
            SslMode::Require => required(options).map_err(|why| OpenError::Encryption { why }),
            _ => Ok(Encryption::Off),
        }
    }

    /// A new connection; what arrives without being asked for goes to `heard`.
    pub(crate) async fn connect(
        &self,
        config: &Config,
        heard: impl Fn(AsyncMessage) + Send + 'static,
    ) -> Result<(Client, AbortHandle), Error> {
        match self {
            Encryption::Off => connect(config, NoTls, heard).await,
            #[cfg(feature = "tls")]
            Encryption::On(tls) => connect(config, tls.clone(), heard).await,
        }
    }
}

async fn connect<T>(
    config: &Config,
    tls: T,
    heard: impl Fn(AsyncMessage) + Send + 'static,
) -> Result<(Client, AbortHandle), Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, mut connection) = config.connect(tls).await?;
    let task = tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            heard(message);
        }
    });
    Ok((client, task.abort_handle()))
}

#[cfg(not(feature = "tls"))]
fn required(_: &PostgresOptions) -> Result<Encryption, String> {
    Err("this program was compiled without the feature `tls` of leftfold-postgres".into())
}

#[cfg(feature = "tls")]
fn required(options: &PostgresOptions) -> Result<Encryption, String> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use std::sync::Arc;

    let mut roots = rustls::RootCertStore::empty();
    if let Some(file) = &options.root_certificate {
        let unusable = |why: String| format!("the root certificate in {}: {why}", file.display());
        for found in CertificateDer::pem_file_iter(file).map_err(|why| unusable(why.to_string()))? {
            let found = found.map_err(|why| unusable(why.to_string()))?;
            roots.add(found).map_err(|why| unusable(why.to_string()))?;
        }
        if roots.is_empty() {
            return Err(unusable("there is no certificate in PEM form".into()));
        }
    } else {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let why = found.errors.first().map_or_else(String::new, |why| format!(" ({why})"));
            return Err(format!("this system has no root certificates{why}; {ADVICE}"));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| why.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Encryption::On(tokio_postgres_rustls::MakeRustlsConnect::new(tls)))
}

#[cfg(feature = "tls")]
const ADVICE: &str = "PostgresOptions::root_certificate names the one of your server";

/// What to do about a certificate that nobody here vouches for.
pub(crate) fn advice(error: &Error) -> Option<&'static str> {
    #[cfg(feature = "tls")]
    {
        use rustls::{CertificateError, Error::InvalidCertificate};
        let handshake = std::error::Error::source(error)?.downcast_ref::<std::io::Error>()?;
        let why = handshake.get_ref()?.downcast_ref::<rustls::Error>()?;
        matches!(why, InvalidCertificate(CertificateError::UnknownIssuer)).then_some(ADVICE)
    }
    #[cfg(not(feature = "tls"))]
    {
        let _ = error;
        None
    }
}
