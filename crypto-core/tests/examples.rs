//! The examples are run, not only compiled.

macro_rules! examples {
    ($($name:ident: $file:literal),* $(,)?) => {
        $(
            #[path = $file]
            mod $name;
        )*

        mod run {
            $(
                #[test]
                fn $name() {
                    super::$name::main().unwrap();
                }
            )*

            /// An example that is not in the list above would be compiled only.
            #[test]
            fn all_of_them_are_run() {
                let known = [$(concat!(stringify!($name), ".rs")),*];
                let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
                for entry in std::fs::read_dir(folder).unwrap() {
                    let name = entry.unwrap().file_name().into_string().unwrap();
                    assert!(known.contains(&name.as_str()), "{name} is not run");
                }
            }
        }
    };
}

examples! {
    make_key: "../examples/make_key.rs",
    seal: "../examples/seal.rs",
    open: "../examples/open.rs",
    sign: "../examples/sign.rs",
    check: "../examples/check.rs",
}
