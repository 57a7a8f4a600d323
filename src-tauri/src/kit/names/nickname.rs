//! Short names that no rule of sound leads back to the long one, and how some long ones are shortened
//! in writing. Modest on purpose: a short name that begins the long one ("Cristy", Cristina) is
//! found by its beginning.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Short forms, and the long ones that each of them may stand for; all folded.
const FORMS: &[(&[&str], &[&str])] = &[
    (&["abdou", "abdo", "abdu"], &["abdullah", "abdelrahman"]),
    (&["ana", "anna", "annie"], &["anita", "annabelle"]),
    (&["baby"], &["babylyn"]),
    (&["bert"], &["roberto", "alberto", "norberto"]),
    (&["beth", "betty", "liza"], &["elizabeth"]),
    (&["bing"], &["benita", "bienvenida"]),
    (&["cel", "celia"], &["cecilia", "marcela"]),
    (&["charito", "chato"], &["rosario"]),
    (&["che"], &["cherry", "rochelle"]),
    (&["chito"], &["jesus"]),
    (&["chona"], &["asuncion"]),
    (&["connie"], &["consuelo", "concepcion"]),
    (
        &["cristy", "christy", "tina", "tinay"],
        &["cristina", "christina"],
    ),
    (&["ditas"], &["perdita", "milagros"]),
    (&["dodong", "dong"], &["rodolfo"]),
    (&["edith"], &["editha"]),
    (&["emy", "emmy"], &["emilia", "emelita"]),
    (&["fe"], &["felicidad"]),
    (&["gina", "reggie"], &["regina", "georgina"]),
    (&["grace"], &["graciela", "gracia"]),
    (&["inday"], &["juana"]),
    (&["jing"], &["virginia", "jocelyn"]),
    (&["jojo", "joey"], &["jose", "joselito"]),
    (&["joy"], &["marijoy", "joyce"]),
    (&["jun", "junior"], &["junjun"]),
    (&["kofi"], &["koffi"]),
    (&["letty", "leti"], &["leticia"]),
    (&["linda"], &["erlinda", "belinda", "melinda", "teodolinda"]),
    (
        &["lita"],
        &["carmelita", "angelita", "estrellita", "lolita"],
    ),
    (&["lito"], &["angelito", "carlito", "manuelito"]),
    (&["liz", "lizzie"], &["elizabeth", "maria luisa"]),
    (
        &["lyn", "lynn"],
        &["marilyn", "jocelyn", "evelyn", "rosalyn"],
    ),
    (&["ma"], &["maria"]),
    (&["mari", "marie", "mary"], &["maria"]),
    (
        &["md", "mohd", "mohmd", "muhd"],
        &["mohammed", "muhammad", "mohammad", "mohamed", "mohamad"],
    ),
    (&["merly"], &["merlinda", "merlita"]),
    (&["mila"], &["milagros", "ludmila"]),
    (
        &["mst", "most", "mosa"],
        &["mosammat", "mosamat", "musammat"],
    ),
    (&["nena"], &["magdalena", "elena"]),
    (&["nene"], &["irene"]),
    (&["nita"], &["juanita", "benita", "anita"]),
    (&["nora"], &["eleonora", "leonora"]),
    (&["paz"], &["pacita"]),
    (&["pepe", "pepito", "peping"], &["jose"]),
    (&["pinky"], &["josefina"]),
    (&["rey", "rhey"], &["reynaldo"]),
    (&["rosie", "osang"], &["rosa", "rosario"]),
    (&["sally"], &["rosalia", "salvacion"]),
    (&["sk"], &["sheikh", "shaikh"]),
    (&["sonny"], &["nelson"]),
    (&["susie", "susan"], &["susana"]),
    (
        &["tess", "tessie", "tere"],
        &["teresa", "teresita", "theresa"],
    ),
    (&["totoy", "toto"], &["antonio", "roberto"]),
    (&["vicky"], &["victoria", "virginia"]),
    (&["zeny"], &["zenaida"]),
];

static OTHERS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut others: HashMap<&str, Vec<&str>> = HashMap::new();
    for (shorts, longs) in FORMS {
        for short in *shorts {
            for long in *longs {
                others.entry(short).or_default().push(long);
                others.entry(long).or_default().push(short);
            }
        }
    }
    others
});

/// What a folded name may also be written as: its long forms and its short ones.
pub fn other_forms(name: &str) -> &'static [&'static str] {
    OTHERS.get(name).map_or(&[], Vec::as_slice)
}
