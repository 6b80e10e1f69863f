//! Indirect parameters: files, `@FD:` and `@ENV:`.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use sop::Password;

use super::exit::{Code, Failure};

/// Something to read from.
pub(crate) type Source = Box<dyn Read + Send + Sync>;

/// Opens an indirect parameter for reading.
pub(crate) fn open(name: &str) -> Result<Source, Failure> {
    match special(name)? {
        None => File::open(name)
            .map(|file| -> Source { Box::new(file) })
            .map_err(|error| Failure::new(Code::MissingInput, format!("{name}: {error}"))),
        Some(Special::Environment(variable)) => {
            let value = std::env::var_os(variable).ok_or_else(|| {
                Failure::new(
                    Code::MissingInput,
                    format!("{name}: there is no such variable"),
                )
            })?;
            Ok(Box::new(io::Cursor::new(value.into_encoded_bytes())))
        }
        Some(Special::Descriptor(path)) => File::open(path)
            .map(|file| -> Source { Box::new(file) })
            .map_err(|error| Failure::new(Code::MissingInput, format!("{name}: {error}"))),
    }
}

/// A password from an indirect parameter, to lock something with.
pub(crate) fn new_password(name: &str) -> Result<Password, Failure> {
    Ok(Password::new(content(name)?)?)
}

/// A password from an indirect parameter, to unlock something with.
pub(crate) fn password(name: &str) -> Result<Password, Failure> {
    Ok(Password::new_unchecked(content(name)?))
}

/// A text from an indirect parameter.
pub(crate) fn text(name: &str) -> Result<String, Failure> {
    String::from_utf8(content(name)?)
        .map_err(|_| Failure::new(Code::BadData, format!("{name}: it is not text")))
}

fn content(name: &str) -> Result<Vec<u8>, Failure> {
    // Large enough for any password, so that growing leaves no copy behind.
    let mut bytes = Vec::with_capacity(4096);
    open(name)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where a verb writes something beside its output. Nothing is created before there is something
/// to write, and nothing that was created stays unless the verb ends well: see [`Output::keep`].
pub(crate) struct Output {
    path: PathBuf,
    /// It was opened by the caller.
    exists: bool,
    /// It was created here, and what the verb promises is not done yet.
    tentative: bool,
}

impl Output {
    /// Looks whether it could be written.
    pub(crate) fn prepare(name: &str) -> Result<Self, Failure> {
        match special(name)? {
            None if Path::new(name).symlink_metadata().is_ok() => Err(Failure::new(
                Code::OutputExists,
                format!("{name}: there is such a file"),
            )),
            None => Ok(Self {
                path: name.into(),
                exists: false,
                tentative: false,
            }),
            Some(Special::Descriptor(path)) if path.exists() => Ok(Self {
                path,
                exists: true,
                tentative: false,
            }),
            Some(_) => Err(Failure::new(
                Code::UnsupportedSpecialPrefix,
                format!("{name}: it cannot be written to"),
            )),
        }
    }

    pub(crate) fn prepare_optional(name: Option<&str>) -> Result<Option<Self>, Failure> {
        name.map(Self::prepare).transpose()
    }

    /// Refuses to write two things to one place.
    pub(crate) fn differ(one: Option<&Self>, other: Option<&Self>) -> Result<(), Failure> {
        match (one, other) {
            (Some(one), Some(other)) if one.place() == other.place() => Err(Failure::new(
                Code::IncompatibleOptions,
                format!("{}: two outputs go there", one.path.display()),
            )),
            _ => Ok(()),
        }
    }

    /// The same for all ways to write down one path.
    fn place(&self) -> PathBuf {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        match (folder.canonicalize(), self.path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => self.path.clone(),
        }
    }

    /// Writes all of it. Only the user may read what is created: it may be a session key.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(!self.exists);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let opened = options.open(&self.path);
        let mut file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::new(Code::OutputExists, error.to_string()),
            _ => Failure::from(error),
        })?;
        self.tentative = !self.exists;
        file.write_all(bytes)?;
        Ok(file.flush()?)
    }

    /// Says that the verb has ended well.
    pub(crate) fn keep(mut self) {
        self.tentative = false;
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.tentative {
            // Half a file would look like a whole one, and a whole one like success.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A special designator.
enum Special<'a> {
    Environment(&'a str),
    /// The path under which the system shows an open file to the process itself: opening a
    /// number directly would need unsafe code.
    Descriptor(PathBuf),
}

fn special(name: &str) -> Result<Option<Special<'_>>, Failure> {
    let Some(designator) = name.strip_prefix('@') else {
        return Ok(None);
    };
    if Path::new(name).exists() {
        return Err(Failure::new(
            Code::AmbiguousInput,
            format!("{name}: there is a file of this name; put ./ in front if it is meant"),
        ));
    }
    if let Some(variable) = designator.strip_prefix("ENV:") {
        return Ok(Some(Special::Environment(variable)));
    }
    if let Some(number) = designator.strip_prefix("FD:")
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Ok(Some(Special::Descriptor(Path::new("/dev/fd").join(number))));
    }
    Err(Failure::new(
        Code::UnsupportedSpecialPrefix,
        format!("{name}: only @FD: and @ENV: are known"),
    ))
}
