use super::generate::{Format, Order, write};
use super::*;
use crate::model::customer::CustomerCommand::ImportBasicCustomerData;
use proptest::prelude::*;

const HEADER: &str = "customer,name,street,postcode,city,segment\n";

fn rows(file: impl Into<Vec<u8>>) -> Vec<Row> {
    Rows::of(io::Cursor::new(file.into())).unwrap().collect()
}

/// Every row as it would be told.
fn told(file: impl Into<Vec<u8>>) -> Vec<String> {
    let told = |row: Row| match row.command {
        Ok(command) => format!("{}: customer {}", row.line, command.key),
        Err(fault) => format!("{}: {fault}", row.line),
    };
    rows(file).into_iter().map(told).collect()
}

fn name(row: &Row) -> &str {
    match row.command.as_ref().map(|command| &command.message) {
        Ok(ImportBasicCustomerData(basic)) => &basic.name,
        _ => "",
    }
}

#[test]
fn a_row_is_a_command() {
    let file = format!("{HEADER}7,\"Mode, \"\"Petra\"\"\",Zeil 1,60311,Frankfurt,boutique\r\n");
    let rows = rows(file);
    assert_eq!(name(&rows[0]), "Mode, \"Petra\"");
    assert_eq!(rows[0].line, 2);
    assert_eq!(rows.len(), 1);
}

#[test]
fn the_header_tells_the_table_and_the_order_of_the_columns() {
    let file = "\u{feff}turnover,customer,colour,sales_area,account_manager\n90000,7,red,120,Alex\n";
    let expected = CustomerCommand::ImportCustomerDeskwareData(DeskwareData {
        account_manager: "Alex".into(),
        sales_area: 120,
        turnover: 90_000,
    });
    assert_eq!(rows(file)[0].command.as_ref().unwrap().message, expected);
}

#[test]
fn a_file_without_a_column_says_which_and_is_not_read() {
    assert_eq!(
        told("customer,name,street,postcode,segment\n7,Petra,Zeil 1,60311,boutique\n"),
        [
            "1: the header lacks the column city: basic data has the columns customer, name, street, postcode, city, \
             segment; the header names customer, name, street, postcode, segment; nothing of this file is read"
        ]
    );
    assert_eq!(told(""), ["1: the file is empty: not even a header stands in it"]);
}

#[test]
fn a_broken_row_is_a_sentence_and_takes_no_other_with_it() {
    let mut file = HEADER.as_bytes().to_vec();
    file.extend(b"1,Petra,Zeil 1,60311,Frankfurt,boutique\n");
    file.extend(b"2,M\xfcller,Zeil 1,60311,Frankfurt,boutique\n");
    file.extend(b"3,Petra,Zeil 1,60311,Frankfurt\n");
    file.extend(b"4,\"Petra\nInh. Ruth\",Zeil 1,60311,Frankfurt,boutique\n");
    file.extend(b"5,\"Petra,Zeil 1,60311,Frankfurt,boutique\n");
    file.extend(b"1,Ruth,Zeil 1,60311,Frankfurt,boutique\n");
    file.extend(b"K7,Petra,Zeil 1,60311,Frankfurt,boutique\n");
    file.extend(b"8,Petra,Zeil 1,60311,Frankfurt,kiosk\n\n");
    file.extend(b"9,Petra,Zeil 1,60311,Frankfurt,chain\n");
    file.extend(b"10,Petra,Zeil 1,60311,Frankfurt,chain\r11,Ruth,Zeil 1,60311,Frankfurt,chain\n");
    file.extend(format!("12,Petra,Zeil 1,60311,Frankfurt,{}\n", "x".repeat(100)).into_bytes());
    file.extend(b"13,Petra,Zeil 1,60311,Frankfurt,chain");
    assert_eq!(
        told(file),
        [
            "2: customer 1",
            "3: the value of name is not UTF-8: \"M\u{fffd}ller\"; have the file exported as UTF-8",
            "4: the row has 5 values instead of the 6 that the header names",
            "5: the value of name holds a line break; the row goes on to line 6",
            "7: a quote is opened and not closed again on this line, nor soon after it",
            "8: customer 1 stands on line 2 already; that row holds",
            "9: customer is no whole number, or too large a one: \"K7\"",
            "10: segment is \"kiosk\", which is not boutique, chain, department-store or online",
            "12: customer 9",
            "13: a carriage return stands in the middle of the line",
            &format!(
                "14: segment is \"{}…\", which is not boutique, chain, department-store or online",
                "x".repeat(40)
            ),
            "15: customer 13",
        ]
    );
}

#[test]
fn two_quotes_that_were_left_open_do_not_hide_the_row_between_them() {
    let file = format!(
        "{HEADER}1,\"Petra,Zeil 1,60311,Frankfurt,boutique\n\
         2,Ruth,Zeil 1,60311,Frankfurt,boutique\n\
         3,\"Alex,Zeil 1,60311,Frankfurt,boutique\n\
         4,Emil,Zeil 1,60311,Frankfurt,boutique\n"
    );
    let told = told(file);
    assert_eq!(told[1], "3: customer 2");
    assert_eq!(told[3], "5: customer 4");
    assert_eq!(told.len(), 4);
}

#[test]
fn a_line_without_an_end_is_not_kept() {
    let mut file = HEADER.as_bytes().to_vec();
    file.extend(vec![b'x'; 1 << 20]);
    file.extend(b"\n1,Petra,Zeil 1,60311,Frankfurt,boutique\n");
    assert_eq!(told(file), ["2: the row is longer than 65536 bytes", "3: customer 1"]);
}

const XML: &str = "<?xml version=\"1.0\"?>\n<export>\n\
    <basic><customer>1</customer><name>Mode &amp; M&#246;bel</name><street>Zeil 1</street>\n\
    <postcode>60311</postcode><city>Frankfurt</city><segment>chain</segment></basic>\n\
    <invoice><customer>1</customer><email>a@b.example</email><format>pdf</format></invoice>\n\
    <basic><customer>2</customer><name>Petra</name></basic>\n\
    <shoes/>\n\
    <deskware><customer>1</customer><account_manager/><sales_area>9</sales_area><turnover>1</turnover></deskware>\n\
    </export>\n";

#[test]
fn xml_may_hold_all_tables_at_once() {
    assert_eq!(name(&rows(XML)[0]), "Mode & Möbel");
    assert_eq!(
        told(XML),
        [
            "3: customer 1",
            "5: customer 1",
            "6: the row has no <street>",
            "7: <shoes> is none of the tables <basic>, <invoice> and <deskware>",
            "8: customer 1",
        ]
    );
}

#[test]
fn an_ampersand_that_begins_no_reference_breaks_its_own_row_alone() {
    for name in ["A & B", "A &", "&&", "A&B C", "& <!-- -->"] {
        let file = XML.replace("Mode &amp; M&#246;bel", name);
        let told = told(file);
        let why = "a & stands in the row that begins no reference; it has to be written as &amp;";
        assert_eq!(told[0], format!("3: {why}"), "{name}");
        assert_eq!((told.len(), &*told[1]), (5, "5: customer 1"), "{name}");
    }
}

#[test]
fn xml_that_is_cut_off_says_where_and_keeps_what_stands_before_it() {
    for cut in 1..XML.trim_end().len() {
        if !XML.is_char_boundary(cut) {
            continue;
        }
        let rows = rows(&XML[..cut]);
        let (last, before) = rows.split_last().expect("a row, or a sentence");
        assert!(last.command.as_ref().is_err_and(Fault::ends_the_file), "cut at {cut}: {last:?}");
        let began = XML[..cut].contains("<export>");
        let is_cut_off = matches!(last.command, Err(Fault::CutOff { .. }));
        assert!(is_cut_off || !began, "cut at {cut}: {last:?}");
        let whole = before.iter().filter(|row| row.command.is_ok()).count();
        let ends = XML[..cut].matches("</basic>").count()
            + XML[..cut].matches("</invoice>").count()
            + XML[..cut].matches("</deskware>").count();
        let broken = before.iter().filter(|row| row.line == 6 && row.command.is_err()).count();
        assert_eq!(whole + broken, ends, "cut at {cut}");
    }
    let cut = XML.find("Petra").unwrap() + 2;
    assert_eq!(
        told(&XML[..cut]).last().unwrap(),
        "6: the file is cut off inside of <name> of a row <basic>; what stands before it is taken over"
    );
    let crossed = XML.replace("<name>Petra</name>", "<name>Petra</city>");
    let told = told(crossed);
    assert_eq!(told.len(), 3);
    assert!(told[2].starts_with("6: the XML is broken here: "), "{}", told[2]);
}

#[test]
fn an_export_is_the_same_for_the_same_seed_and_breaks_as_many_rows_as_it_was_told() {
    for table in Table::ALL {
        for format in [Format::Csv, Format::Xml] {
            for broken in [0, 1, 7, 40] {
                let order = Order { table, format, customers: 200, broken, seed: 3 };
                let made = |order: Order| {
                    let mut file = Vec::new();
                    write(order, &mut file).unwrap();
                    file
                };
                let file = made(order);
                assert_eq!(file, made(order));
                assert_ne!(file, made(Order { seed: 4, ..order }));
                let rows = rows(file);
                let failed = rows.iter().filter(|row| row.command.is_err()).count();
                assert_eq!(rows.len(), 200, "{table:?} {format:?}");
                assert_eq!(failed, broken as usize, "{table:?} {format:?}");
            }
        }
    }
}

#[test]
fn a_file_in_another_form_says_what_it_is_and_what_would_be_taken() {
    let columns = "customer, name, street, postcode, city, segment";
    let row = "7,Petra,Zeil 1,60311,Frankfurt,boutique\n";
    let utf_16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let in_utf_8 = "have it exported as CSV or XML in UTF-8";
    for (file, why) in [
        (
            format!("{HEADER}{row}").replace(',', ";").into_bytes(),
            "the header separates its columns by semicolons, and commas are taken: customer,name,street,postcode,city,segment"
                .to_string(),
        ),
        (
            format!("{}{row}", HEADER.to_uppercase()).replace(',', "\t").into_bytes(),
            "the header separates its columns by tabs, and commas are taken: customer,name,street,postcode,city,segment".into(),
        ),
        (
            format!("\u{feff}{HEADER}{row}").replace(',', "|").into_bytes(),
            "the header separates its columns by bars, and commas are taken: customer,name,street,postcode,city,segment".into(),
        ),
        (
            format!("{}{row}", HEADER.to_uppercase()).into_bytes(),
            format!("the header writes its columns as CUSTOMER, NAME, STREET, POSTCODE, CITY, SEGMENT; they are taken as {columns}"),
        ),
        (utf_16(&format!("{HEADER}{row}")), format!("the file is written in UTF-16; {in_utf_8}")),
        (utf_16(&format!("\u{feff}{HEADER}{row}")), format!("the file is written in UTF-16; {in_utf_8}")),
        (utf_16(XML), format!("the file is written in UTF-16; {in_utf_8}")),
        (b"\xff\xfe\0\0c\0\0\0".to_vec(), format!("the file is written in UTF-32; {in_utf_8}")),
        (b"\x1f\x8b\x08".to_vec(), format!("the file is packed with gzip; {in_utf_8}")),
        (b"PK\x03\x04".to_vec(), format!("the file is a zip archive, as spreadsheets are; {in_utf_8}")),
        (
            XML.replace("?>", " encoding='ISO-8859-1'?>").into_bytes(),
            format!("the file is written in ISO-8859-1, as it says; {in_utf_8}"),
        ),
        (
            format!("customer,name,name,street,postcode,city,segment\n{row}").into_bytes(),
            "the header names the column name twice".into(),
        ),
        (
            format!("{HEADER}{row}").replace('\n', "\r").into_bytes(),
            "the header cannot be read: a carriage return stands in the middle of the line".into(),
        ),
        (
            format!("\"{HEADER}{row}").into_bytes(),
            "the header cannot be read: a quote is opened and not closed again on this line, nor soon after it".into(),
        ),
    ] {
        assert_eq!(told(file), [format!("1: {why}; nothing of this file is read")]);
    }
    assert_eq!(told(XML.replace("?>", " encoding='utf-8'?>")).len(), 5);
}

#[test]
fn a_row_of_xml_that_says_more_or_less_than_its_values_is_broken_alone() {
    let name = "Mode &amp; M&#246;bel";
    let long = "x".repeat(LONGEST_ROW);
    for (value, why) in [
        (
            "A &co; B".to_string(),
            "the row has the reference &co;, which stands for no character; a & has to be written as &amp;",
        ),
        (
            "&#xD800;".into(),
            "the row has the reference &#xD800;, which stands for no character; a & has to be written as &amp;",
        ),
        ("A</name><name>B".into(), "the row has <name> twice"),
        ("A</name><name/><name>".into(), "the row has <name> twice"),
        ("A<b>C</b>B".into(), "an element stands inside of <name>, where a value is expected"),
        ("A</name>B<name>".into(), "text stands beside the elements of the row: \"B\""),
        ("A\nB".into(), "the value of name holds the character '\\n', which is no text"),
        ("A&#10;B".into(), "the value of name holds the character '\\n', which is no text"),
        ("A&#x1b;[31mB".into(), "the value of name holds the character '\\u{1b}', which is no text"),
        ("A\u{7}B".into(), "the value of name holds the character '\\u{7}', which is no text"),
        ("A\u{9b}B".into(), "the value of name holds the character '\\u{9b}', which is no text"),
        ("A\u{2028}B".into(), "the value of name holds the character '\\u{2028}', which is no text"),
        (long.clone(), "the row is longer than 65536 bytes"),
        (format!("{long}&amp;{long}<![CDATA[{}]]>", &long[..60_000]), "the row is longer than 65536 bytes"),
        ("&amp;".repeat(LONGEST_ROW / 4), "the row is longer than 65536 bytes"),
    ] {
        let told = told(XML.replace(name, &value));
        assert_eq!(told[0], format!("3: {why}"));
        assert_eq!((told.len(), told[1].ends_with(": customer 1")), (5, true), "{told:?}");
    }
    let tags = "<x/>".repeat(LONGEST_ROW / 4) + "</basic>";
    assert_eq!(told(XML.replacen("</basic>", &tags, 1))[0], "3: the row is longer than 65536 bytes");
    let mut file = XML.as_bytes().to_vec();
    let at = XML.find("Mode").unwrap();
    file[at] = 0xfc;
    let told = told(file);
    assert_eq!(
        told[0],
        "3: the value of name holds bytes that are not UTF-8, or a character that was lost before: \
         \"\u{fffd}ode & Möbel\"; have the file exported as UTF-8"
    );
    assert_eq!(told.len(), 5);
}

#[test]
fn a_character_that_is_read_in_two_parts_is_whole() {
    for shift in 0..2 {
        let name = "é".repeat(1_000);
        let row = |number| {
            format!(
                "<basic><customer>{number}</customer><name>{name}</name><street>Zeil 1</street><postcode>60311</postcode>\
                 <city>Frankfurt</city><segment>chain</segment></basic>"
            )
        };
        let file = format!("<export>{}{}</export>", " ".repeat(shift), (1..100).map(row).collect::<String>());
        let rows = rows(file);
        assert_eq!(rows.len(), 99);
        assert!(rows.iter().all(|row| self::name(row) == name));
    }
}

#[test]
fn a_file_that_cannot_be_read_further_says_so_once() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let row = "7,Petra,Zeil 1,60311,Frankfurt,boutique\n";
    for begin in
        [format!("{HEADER}{row}").repeat(1) + &"\n".repeat(200), XML.replace("</export>", &" ".repeat(200))]
    {
        let rows: Vec<Row> =
            Rows::of(Cursor::new(begin.into_bytes()).chain(Broken)).unwrap().take(10).collect();
        let (last, before) = rows.split_last().unwrap();
        let said = last.command.as_ref().unwrap_err().to_string();
        assert!(said.starts_with("the file cannot be read any further: the disk is gone"), "{said}");
        assert!(before.iter().any(|row| row.command.is_ok()) && rows.len() < 7, "{rows:?}");
    }
}

/// A piece that is repeated, as if without an end.
struct Repeated(Cursor<Vec<u8>>, &'static str, usize);

impl Read for Repeated {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let begun = self.0.read(into)?;
        if begun > 0 || self.2 == 0 {
            return Ok(begun);
        }
        let taken = into.len().min(1 << 16);
        for (byte, piece) in into[..taken].iter_mut().zip(self.1.bytes().cycle()) {
            *byte = piece;
        }
        self.2 = self.2.saturating_sub(taken);
        Ok(taken)
    }
}

#[test]
fn whatever_grows_without_end_is_kept_no_further() {
    let begun = "<export><basic><customer>1</customer><name>";
    for (begin, piece, why) in [
        (begun, "x", "the file is cut off inside of <name> of a row <basic>"),
        (begun, "&amp;", "the file is cut off inside of <name> of a row <basic>"),
        ("<export><basic><customer>1</customer>", "<x/>", "the file is cut off inside of a row <basic>"),
        ("<export><", "x", "a tag, comment or section is longer than 65536 bytes"),
        ("<export><!--", "x", "a tag, comment or section is longer than 65536 bytes"),
        ("<export><![CDATA[", "x", "a tag, comment or section is longer than 65536 bytes"),
        ("<export>", "<x>", "elements stand in each other more than 16 deep"),
        ("", "x", "the header cannot be read: the row is longer than 65536 bytes"),
        (HEADER, "x", "the row is longer than 65536 bytes"),
    ] {
        let file = Repeated(Cursor::new(begin.into()), piece, 8 << 20);
        let mut rows = Rows::of(file).unwrap();
        let fault = rows.next().unwrap().command.unwrap_err().to_string();
        assert!(fault.starts_with(why), "{begin}{piece}…: {fault}");
        assert!(rows.next().is_none());
    }
}

proptest! {
    /// A row is taken, or refused for the same reason, whether it is written in CSV or in XML.
    #[test]
    fn the_same_row_fares_alike_in_csv_and_in_xml(
        customer in "[0-9]{1,3}|[a-z]{0,3}",
        name in "[a-zé&<>\"', \u{0}-\u{9}\u{e}-\u{1f}\u{7f}-\u{9f}\u{2028}\u{fffd}]{0,8}",
        segment in "boutique|chain|kiosk",
        more in prop_oneof![4 => Just(0), 1 => 65_400..65_600_usize],
    ) {
        let name = name + &"a".repeat(more);
        let quoted = name.replace('"', "\"\"");
        let csv = format!("{HEADER}{customer},\"{quoted}\",Zeil 1,60311,Frankfurt,{segment}\n");
        let escaped = name.replace('&', "&amp;").replace('<', "&lt;");
        let xml = format!(
            "<export>\n<basic><customer>{customer}</customer><name>{escaped}</name><street>Zeil 1</street>\
             <postcode>60311</postcode><city>Frankfurt</city><segment>{segment}</segment></basic></export>"
        );
        // A row has more signs in XML; near the bound one may be too long, and the other not yet.
        if more == 0 {
            prop_assert_eq!(told(&*csv), told(&*xml));
        } else {
            for told in [told(&*csv), told(&*xml)] {
                let ends = [": customer ", ": the row is longer than 65536 bytes", ": customer is no whole number", ": segment is ", ": the value of name holds "];
                prop_assert!(told.len() == 1 && ends.iter().any(|end| told[0].contains(end)), "{:?}", told);
            }
        }
    }

    /// Whatever a file holds, each row of it is a command or a sentence.
    #[test]
    fn any_bytes_are_rows_or_sentences(parts in prop::collection::vec(prop_oneof![
        4 => prop::sample::select(vec![
            HEADER, "1,", "\"", "\n", "\r", ";", "<export>", "</export>", "<basic>", "</basic>", "<name>", "</name>", "<customer>",
            "</customer>", "7", "&", "&amp;", "&co;", "<!--", "-->", "<![CDATA[", "]]>", "<?xml version='1.0'?>", "\u{feff}", "é",
        ]).prop_map(|part| part.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..3),
    ], 0..30)) {
        for row in rows(parts.concat()) {
            if let Err(fault) = row.command {
                prop_assert!(!fault.to_string().is_empty());
            }
        }
    }
}
