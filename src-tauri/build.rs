fn main() {
    println!("cargo:rerun-if-changed=../locales");
    println!("cargo:rerun-if-changed=../ui");
    #[cfg(feature = "shell")]
    tauri_build::build();
}
