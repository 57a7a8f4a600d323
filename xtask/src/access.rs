//! `access`: the route table for reading. The compiler and `tests/access.rs` hold it.

use anyhow::Result;
use darna::vault::Roles;
use darna::web::access::{Row, TABLE, Who};

const ROLES: [(&str, Roles); 3] = [
    ("desk", Roles::DESK),
    ("caseworker", Roles::CASEWORKER),
    ("manager", Roles::MANAGER),
];

pub fn task(_: lexopt::Parser) -> Result<()> {
    let widest = TABLE.iter().map(|row| row.path.len()).max().unwrap_or(0);
    let heads = ROLES.map(|(name, _)| name).join("  ");
    println!("method  {:widest$}  {heads}  who", "path");
    for row in TABLE {
        let marks =
            ROLES.map(|(name, role)| format!("{:^width$}", mark(row, role), width = name.len()));
        println!(
            "{:6}  {:widest$}  {}  {}",
            row.method.as_str(),
            row.path,
            marks.join("  "),
            who(row)
        );
    }
    println!("{} routes; what is not marked answers 404", TABLE.len());
    Ok(())
}

fn mark(row: &Row, role: Roles) -> &'static str {
    match row.who {
        Who::Inside(allowed) if role.meet(allowed) => "x",
        _ => "·",
    }
}

fn who(row: &Row) -> &'static str {
    match row.who {
        Who::Anyone => "anyone",
        Who::Founder => "before set-up",
        Who::AtTheDoor => "while nobody is in",
        Who::Inside(_) => "inside",
    }
}
