//! Writes `fuzz/seeds`: what each target begins with, from the golden files and as the present version writes it.

use std::fs;
use std::path::Path;

type Seeds = Vec<(String, Vec<u8>)>;

fn main() {
    let all: [(&str, Seeds); 10] = [
        ("log_folder", log_folders()),
        ("condition", texts(&CONDITIONS)),
        ("case_log", case_logs()),
        ("exports", texts(&EXPORTS)),
        ("import_line", texts(&LINES)),
        ("typed_codec", typed()),
        ("schema_lock", leftfold_fuzz::seeds::schema_lock()),
        ("specification", leftfold_fuzz::seeds::specification()),
        ("pattern_state", leftfold_fuzz::seeds::pattern_state()),
        ("checkpoint", leftfold_fuzz::seeds::checkpoint()),
    ];
    for (target, seeds) in all {
        let folder = here().join("seeds").join(target);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        for (name, bytes) in seeds {
            fs::write(folder.join(name), bytes).expect("a file");
        }
    }
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn texts(texts: &[&str]) -> Seeds {
    (1..).zip(texts).map(|(number, text): (u32, _)| (number.to_string(), text.as_bytes().to_vec())).collect()
}

/// The golden logs, each as one text; the first byte says that nothing is made to fit, or everything.
fn log_folders() -> Seeds {
    let logs = [("log-format-1", 0), ("log-format-1", 31), ("log-awkward", 31 | 64), ("log-headers", 7)];
    let seed = |(log, bits): (&str, u8)| {
        let mut seed = vec![bits];
        let files = fs::read_dir(here().join("../tests/golden").join(log)).expect("a golden log");
        let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        for file in files {
            let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
            seed.extend(format!("== {name}\n").into_bytes());
            seed.extend(fs::read(&file).expect("a file"));
        }
        (format!("{log}-{bits}"), seed)
    };
    logs.into_iter().map(seed).collect()
}

/// The logs of the tests, and their beginnings in other encodings.
fn case_logs() -> Seeds {
    let mut seeds = Seeds::new();
    for (name, how) in [("road_traffic.xes", 0), ("billing.xes", 1), ("receipt.xes", 2), ("helpdesk.csv", 8)]
    {
        let log = fs::read_to_string(here().join("../tests/case_logs").join(name)).expect("a log");
        let log = log.replace("Case ID,Activity,Resource,Complete Timestamp", "case,activity,phase,time");
        let utf_16 = log.encode_utf16().take(400).flat_map(u16::to_le_bytes).collect();
        seeds.push((name.to_string(), [vec![how], log.into_bytes()].concat()));
        seeds.push((format!("{name}-16"), [vec![how], utf_16].concat()));
    }
    let loose = "<log><event><string key='case:concept:name' value='1'/><string key='concept:name' value='a'/></event></log>";
    seeds.push(("loose".to_string(), [&[0], loose.as_bytes()].concat()));
    seeds
}

const EXPORTS: [&str; 4] = [
    "customer,name,street,postcode,city,segment\n7,\"Mode, \"\"Petra\"\"\",Zeil 1,60311,Frankfurt,boutique\r\n8,\"Petra\nInh. Ruth\",Zeil 1,60311,Frankfurt,chain\n",
    "\u{feff}turnover,customer,colour,sales_area,account_manager\n90000,7,red,120,Alex\n",
    "CUSTOMER;EMAIL;FORMAT\n1;a@b.example;pdf\n",
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<export>\n<basic><customer>1</customer><name>Mode &amp; M&#246;bel</name><street>Zeil 1</street>\n\
     <postcode>60311</postcode><city>Frankfurt</city><segment>chain</segment></basic>\n\
     <invoice><customer>1</customer><email><![CDATA[a@b]]></email><format>pdf</format></invoice>\n<shoes/>\n</export>\n",
];

const CONDITIONS: [&str; 9] = [
    "header user = petra",
    r#"header "sent by" in (petra, "alex, \"x\"", 17)"#,
    "header least <= -9223372036854775808",
    "correlation ~ ^conv(ersation)?-[0-9]+$",
    "at >= 2026-11-29T00:40:01.5Z",
    "at < 2026-11-29",
    "type not in (Placed, Said)",
    "position != 18446744073709551615",
    r#"stream = "ein \"Gespräch\" -\\""#,
];

const LINES: [&str; 4] = [
    "{\"stream\":\"account-1\",\"type\":\"Opened\",\"data\":{\"owner\":\"Petra\"}}\n\
     {\"stream\":\"account-1\",\"type\":\"Paid\",\"schema\":2,\"tags\":[\"a\"],\"id\":\"x\",\"meta\":{\"user\":1},\"data\":[]}\n",
    "{\"position\":3,\"stream\":\"a-1\",\"version\":1,\"type\":\"A\",\"at\":\"2026-11-23T09:30:00Z\",\"id\":\"p\",\"data\":1,\"batch\":3}\n\
     {\"position\":4,\"stream\":\"b-1\",\"version\":1,\"type\":\"B\",\"at\":\"2026-11-23T09:30:00Z\",\"id\":\"q\",\"data\":2,\"batch\":3}\n",
    "{\"stream\":\"a-1\",\"type\":\"$described\",\"data\":{\"owner\":\"petra\",\"open\":true}}\n\
     {\"stream\":\"a-1\",\"type\":\"A\",\"data\":null}\n{\"stream\":\"a-1\",\"type\":\"$deleted\",\"data\":null}\n",
    "\u{feff}// a remark\n\n{\"stream\":\"a\",\"type\":\"A\",\"data\":\"\\u2028\\ud83e\\udd80\",\"crc\":\"00000000\"}\n",
];

/// Contents of the types, and bytes that events are made of.
fn typed() -> Seeds {
    let contents = [
        (1, "-0.0"),
        (2, "[-9223372036854775808,18446744073709551615,0.1,-128]"),
        (3, "[-170141183460469231731687303715884105728,340282366920938463463374607431768211455]"),
        (4, r#"{"text":"\u0000","letter":"🦀","maybe":null,"unit":null}"#),
        (5, r#"{"whole":{"-1":2},"letters":{"a":null},"named":{"two \"2\"":["One"]}}"#),
        (6, r#"{"List":["Leaf",{"Inner":{"inner":"Leaf"}}]}"#),
        (7, r#"[1,1.5,"a",null,[true,null]]"#),
        (8, r#"{"kind":"Full","kinds":[1],"maybe":"b"}"#),
        (9, r#"{"kind":"One","content":3}"#),
        (10, r#"{"count":3,"rest":1,"other":"a"}"#),
        (11, r#"{"note":"n","list":[1]}"#),
    ];
    let read = contents
        .iter()
        .map(|(choice, text)| (format!("content-{choice}"), [&[*choice], text.as_bytes()].concat()));
    let made = (0u8..12).map(|kind| {
        let bytes = (0..64u8).map(|byte| byte.wrapping_mul(37).wrapping_add(kind * 21));
        (format!("made-{kind}"), [128].into_iter().chain(bytes).collect())
    });
    read.chain(made).collect()
}
