//! Paper: what is printed can be read, searched and kept, in every script, and nothing of it stays.

use std::fs;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use darna::kit::paper::{Document, Refusal, Template};
use darna::kit::world::World;
use darna_tests::centre::Centre;
use darna_tests::pdf;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A page of its own, to try each script on.
const SCRIPTS: Template = Template {
    path: "tests/scripts.typ",
    source: include_str!("fixtures/scripts.typ"),
};

/// The languages of domain.md 4.8 by their scripts: a name, and a line as it may stand on paper.
const LINES: [(&str, &str, &str); 14] = [
    (
        "en",
        "Grace O’Neill-Okafor",
        "Meets each Friday at 18:00 – bring a pen (or two).",
    ),
    (
        "vi",
        "Nguyễn Thị Ngọc Ánh",
        "Lớp tiếng Ả Rập cho người mới bắt đầu",
    ),
    ("tr", "Gülşah Yıldırım İnce", "Çığ, ğöz, ışık"),
    ("yo", "Ọmọ́tọ́ṣọ̀ Ẹniọlá", "Ẹ káàbọ̀ sí ilé wa"),
    ("ha", "Ɓaƙo Ɗanƙwairo", "Ƴan’uwa suna ƙaunar juna"),
    ("ru", "Ольга Щербакова", "Встреча в пятницу, объявление"),
    (
        "ar",
        "مريم عبد الله",
        "القاعة الكبيرة يوم الجمعة الساعة 18:00",
    ),
    ("fa", "پروین گل‌محمدی", "کلاس زبان جمعه‌ها ساعت ۱۸"),
    ("ur", "ٹیپو ڈار", "جمعہ کے دن اردو کی کلاس ہے"),
    ("am", "አልማዝ ተስፋዬ", "በየሳምንቱ ዓርብ እንገናኛለን።"),
    ("hi", "क्षितिज श्रीवास्तव", "शुक्रवार को हिन्दी की कक्षा है।"),
    ("bn", "শাহনাজ আক্তার", "প্রতি শুক্রবার ক্লাস হয়"),
    ("si", "ක්‍රිෂාන්ති විජේසිංහ", "සෑම සිකුරාදා දිනකම හමුවෙමු"),
    ("ta", "கௌசல்யா ஶ்ரீதரன்", "ஒவ்வொரு வெள்ளிக்கிழமையும் வகுப்பு"),
];

fn made(folder: &Path, template: Template, data: &Value) -> PathBuf {
    let document = Document::new(template, data).expect("a document");
    let made = document.pdf(World::system().now()).expect("a paper");
    let path = folder.join("paper.pdf");
    fs::write(&path, &made.bytes).expect("a file");
    path
}

fn scripts(lang: &str, lines: &[(&str, &str, &str)]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(lang, name, text)| json!({ "lang": lang, "name": name, "text": text }))
        .collect();
    json!({ "paper": { "lang": lang, "title": "Scripts", "centre": "", "place": "", "foot": "" }, "lines": lines })
}

#[test]
fn every_script_can_be_read_and_searched_in_its_own_order() {
    let folder = TempDir::new().expect("a folder");
    for line in LINES {
        let (lang, name, text) = line;
        let paper = made(folder.path(), SCRIPTS, &scripts(lang, &[line]));
        let words = pdf::words(&paper);
        let expected = format!("{name} {text} 1/1");
        if ["ar", "fa", "ur"].contains(&lang) {
            assert_eq!(
                pdf::letters(&words),
                pdf::letters(&expected),
                "{lang}: {words}"
            );
        } else {
            assert_eq!(words, expected, "{lang}");
        }
    }
}

#[test]
fn all_scripts_stand_on_one_page_with_every_face_in_the_file() {
    for page in ["en", "ar"] {
        let folder = TempDir::new().expect("a folder");
        let paper = made(folder.path(), SCRIPTS, &scripts(page, &LINES));
        let faces = pdf::faces(&paper);
        assert_eq!(faces.len(), 8, "{faces:?}");
        for face in faces {
            let columns: Vec<&str> = face.split_whitespace().rev().skip(2).take(3).collect();
            assert_eq!(
                columns,
                ["yes", "yes", "yes"],
                "embedded, cut down, with Unicode: {face}"
            );
        }
    }
}

#[test]
fn markup_in_a_field_is_printed_as_it_was_typed() {
    let folder = TempDir::new().expect("a folder");
    let typed = r##"#import "x.typ": * $ a_b $ @label *bold* _it_ `raw` \u{41} = <tag> // note /* x */ ~ -- ... "q" 'q' #let"##;
    let paper = made(
        folder.path(),
        SCRIPTS,
        &scripts("en", &[("en", typed, "#panic() [] {} \\ \\\\")]),
    );
    let words = pdf::words(&paper);
    assert!(words.contains(typed), "{words}");
    assert!(words.contains("#panic() [] {} \\ \\\\"), "{words}");
}

#[test]
fn a_template_reaches_no_file_and_no_package() {
    for source in [
        "#read(\"/etc/hostname\")",
        "#include \"/shared/other.typ\"",
        "#import \"@preview/cetz:0.4.0\": *",
        "#image(\"../x.png\")",
        "#datetime.today()",
    ] {
        let template = Template {
            path: "tests/bad.typ",
            source,
        };
        let made = Document::new(template, &json!({}))
            .expect("a document")
            .pdf(World::system().now());
        assert!(matches!(made, Err(Refusal::Template(_))), "{source}");
    }
}

#[test]
fn a_sign_that_no_face_has_is_refused_with_its_field() {
    let lines = json!({ "rows": [{ "name": "Almaz 𓀀", "room": "Big room" }] });
    let refused = Document::new(SCRIPTS, &lines).expect_err("no face has a hieroglyph");
    let told = Refusal::Sign {
        field: "name".into(),
        text: "Almaz 𓀀".into(),
        sign: '𓀀',
    };
    assert_eq!(refused, told);
}

#[test]
fn the_recovery_sheet_is_printed_at_set_up_and_tells_what_it_opens() {
    let centre = Centre::unfounded();
    centre.told();
    let words = centre.get("/setup/sheet").all("ol.words li");

    let printed = centre.post("/setup/sheet", "/setup/sheet", &[]);

    assert_eq!(printed.to, "/setup/sheet", "{}", printed.html);
    let paper = centre.outside.last_shown();
    let text = pdf::words(&paper);
    for (place, word) in words.iter().enumerate() {
        assert!(
            text.contains(&format!("{}. {word}", place + 1)),
            "{word} in {text}"
        );
    }
    for told in [
        "House of Thyme",
        "24 November 2026",
        "far from the laptop",
        "open everything",
        "letter by letter",
    ] {
        assert!(text.contains(told), "{told} in {text}");
    }
    let page = centre.get("/setup/sheet");
    assert!(page.html.contains("copy them letter by letter"));
    assert!(
        page.all(".toast span")[0].starts_with("The paper is open"),
        "{}",
        page.html
    );
}

#[test]
fn a_paper_is_archivable_and_names_nobody() {
    let centre = Centre::unfounded();
    centre.told();
    centre.post("/setup/sheet", "/setup/sheet", &[]);
    let paper = centre.outside.last_shown();
    let about = pdf::about(&paper);
    for told in [
        "Title:           Recovery sheet",
        "Creator:         Darna",
        "(A4)",
        "Tagged:          yes",
    ] {
        assert!(about.contains(told), "{told} in {about}");
    }
    let bytes = fs::read(&paper).expect("the paper");
    let bytes = String::from_utf8_lossy(&bytes);
    assert!(
        bytes.contains("pdfaid:part") && bytes.contains("pdfuaid:part"),
        "{about}"
    );
    let name = paper
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    assert!(
        name.ends_with(".pdf")
            && name.len() == 28
            && name.bytes().take(24).all(|b| b.is_ascii_hexdigit())
    );
}

#[test]
fn papers_are_private_and_gone_at_lock_exit_and_start() {
    let centre = Centre::founded();
    let put = || {
        let app = &centre.app;
        app.spool.put(&app.world, b"%PDF-", "pdf").expect("a place")
    };
    let paper = put();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&paper), 0o400);
        assert_eq!(mode(paper.parent().expect("a folder")), 0o700);
    }
    centre.post("/", "/lock", &[]);
    assert!(!paper.exists(), "locked");

    let left = put();
    let folder = centre.folder.path().to_owned();
    drop(darna::web::Spool::of(&folder));
    assert!(
        !left.exists(),
        "what a killed run left is gone when the next one starts"
    );

    let shown = put();
    let Centre { app, .. } = centre;
    drop(app);
    assert!(!shown.exists(), "the program has ended");
}

#[test]
fn without_a_viewer_the_page_says_so() {
    let centre = Centre::unfounded();
    centre.told();
    centre.outside.breaks();
    let page = centre.post("/setup/sheet", "/setup/sheet", &[]);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.html.contains("no program that shows a PDF"),
        "{}",
        page.html
    );
}
