//! A real Roundcube with Dovecot and Postfix on free ports of the loopback interface, as Debian
//! packages them. Nothing can leave the machine; everything lies below one folder.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The domain of its accounts.
pub const DOMAIN: &str = "example.test";
/// The password of all of them.
pub const PASSWORD: &str = "pw";
/// What has to be installed.
pub const PACKAGES: &str = "postfix dovecot-imapd roundcube-core roundcube-sqlite3 php-cli \
    php-sqlite3 php-mbstring php-xml php-intl php-curl sqlite3";

const WEB_ROOT: &str = "/var/lib/roundcube";
const START_LIMIT: Duration = Duration::from_secs(30);

/// The three servers.
#[derive(Debug)]
pub struct Roundcube {
    folder: PathBuf,
    php: std::process::Child,
    smtp: u16,
    /// `http://127.0.0.1:PORT`
    pub address: String,
}

/// Installs the packages where that can be done without asking; says why not otherwise.
///
/// # Errors
///
/// What is missing.
pub fn require() -> Result<()> {
    let there = Path::new(WEB_ROOT).join("index.php").exists()
        && Path::new("/usr/lib/dovecot/imap").exists()
        && Path::new("/usr/sbin/postfix").exists()
        && Path::new("/usr/bin/php").exists();
    if there {
        return Ok(());
    }
    let mut apt = Command::new("apt-get");
    apt.args(["install", "-y", "--no-install-recommends"])
        .args(PACKAGES.split_whitespace())
        .env("DEBIAN_FRONTEND", "noninteractive");
    let installed = apt.output().is_ok_and(|output| output.status.success());
    if !installed {
        bail!("Roundcube is not installed; as root: apt-get install {PACKAGES}");
    }
    Ok(())
}

impl Roundcube {
    /// Starts all three with these accounts, named without the domain.
    ///
    /// # Errors
    ///
    /// When one does not come up.
    pub fn start(folder: &Path, accounts: &[&str]) -> Result<Self> {
        let folder = folder.join("roundcube");
        for part in [
            "dovecot/run",
            "postfix",
            "queue",
            "state",
            "boxes",
            "config",
            "database",
            "log",
            "temp",
        ] {
            std::fs::create_dir_all(folder.join(part))?;
        }
        let (imap, smtp, web) = (free_port()?, free_port()?, free_port()?);
        dovecot(&folder, imap, accounts)?;
        postfix(&folder, smtp, accounts)?;
        configure(&folder, imap, smtp)?;
        let php = Command::new("php")
            .args(["-S", &format!("127.0.0.1:{web}"), "-t", WEB_ROOT])
            .current_dir(WEB_ROOT)
            .env("ROUNDCUBE_CONFIG_DIR", folder.join("config"))
            .env("PHP_CLI_SERVER_WORKERS", "4")
            .stdout(std::fs::File::create(folder.join("log/php.log"))?)
            .stderr(std::fs::File::create(folder.join("log/php-errors.log"))?)
            .spawn()?;
        let roundcube = Self {
            folder,
            php,
            smtp,
            address: format!("http://127.0.0.1:{web}"),
        };
        for port in [imap, smtp, web] {
            let begun = Instant::now();
            while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
                if begun.elapsed() > START_LIMIT {
                    bail!(
                        "port {port} does not answer; see {}",
                        roundcube.folder.display()
                    );
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        Ok(roundcube)
    }

    /// Where all that the three write lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Hands a raw message to Postfix.
    ///
    /// # Errors
    ///
    /// When Postfix does not take it.
    pub fn deliver(&self, from: &str, to: &str, raw: &str) -> Result<()> {
        use std::io::{BufRead as _, BufReader, Write as _};
        let stream = std::net::TcpStream::connect(("127.0.0.1", self.smtp))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut answers = BufReader::new(stream.try_clone()?).lines();
        let mut stream = stream;
        let body = raw
            .replace("\r\n", "\n")
            .replace('\n', "\r\n")
            .replace("\r\n.", "\r\n..");
        let say = [
            String::new(),
            "HELO tests\r\n".to_owned(),
            format!("MAIL FROM:<{from}>\r\n"),
            format!("RCPT TO:<{to}>\r\n"),
            "DATA\r\n".to_owned(),
            format!("{body}\r\n.\r\n"),
            "QUIT\r\n".to_owned(),
        ];
        for line in say {
            stream.write_all(line.as_bytes())?;
            let answer = answers.next().context("Postfix hung up")??;
            if !(answer.starts_with('2') || answer.starts_with('3')) {
                bail!("Postfix says {answer}");
            }
        }
        Ok(())
    }

    /// All messages in an account's inbox, raw.
    ///
    /// # Errors
    ///
    /// Failures of the file system.
    pub fn inbox(&self, account: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for part in ["new", "cur"] {
            let folder = self
                .folder
                .join(format!("boxes/{DOMAIN}/{account}/Maildir/{part}"));
            let Ok(entries) = std::fs::read_dir(folder) else {
                continue;
            };
            for entry in entries {
                found.push(String::from_utf8_lossy(&std::fs::read(entry?.path())?).into_owned());
            }
        }
        Ok(found)
    }
}

impl Drop for Roundcube {
    fn drop(&mut self) {
        let _ = self.php.kill();
        let _ = self.php.wait();
        let config = |part: &str| self.folder.join(part);
        let _ = Command::new("doveadm")
            .arg("-c")
            .arg(config("dovecot/dovecot.conf"))
            .arg("stop")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status();
        let _ = Command::new("postfix")
            .arg("-c")
            .arg(config("postfix"))
            .arg("stop")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Without pipes: a daemon would hold them open.
fn checked(command: &mut Command) -> Result<()> {
    let quiet = std::process::Stdio::null;
    let status = command
        .stdin(quiet())
        .stdout(quiet())
        .stderr(quiet())
        .status()
        .with_context(|| format!("{command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed: {status}");
    }
    Ok(())
}

fn dovecot(folder: &Path, port: u16, accounts: &[&str]) -> Result<()> {
    let at = folder.display();
    let users: String = accounts
        .iter()
        .map(|account| format!("{account}@{DOMAIN}:{{PLAIN}}{PASSWORD}\n"))
        .collect();
    std::fs::write(folder.join("dovecot/users"), users)?;
    let folders: String = ["Drafts", "Sent", "Trash"]
        .iter()
        .map(|name| {
            format!("  mailbox {name} {{\n    special_use = \\{name}\n    auto = subscribe\n  }}\n")
        })
        .collect();
    let config = format!(
        "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {at}/dovecot/run\n\
         log_path = {at}/log/dovecot.log\nssl = no\ndisable_plaintext_auth = no\n\
         auth_mechanisms = plain\n\
         passdb {{\n  driver = passwd-file\n  args = {at}/dovecot/users\n}}\n\
         userdb {{\n  driver = static\n  args = uid=mail gid=mail home={at}/boxes/%d/%n\n}}\n\
         first_valid_uid = 1\nfirst_valid_gid = 1\nmail_location = maildir:~/Maildir\n\
         namespace inbox {{\n  inbox = yes\n{folders}}}\n\
         service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {port}\n  }}\n\
         \x20 inet_listener imaps {{\n    port = 0\n  }}\n}}\n\
         service anvil {{\n  chroot =\n}}\n"
    );
    let file = folder.join("dovecot/dovecot.conf");
    std::fs::write(&file, config)?;
    checked(Command::new("dovecot").arg("-c").arg(file))
}

fn postfix(folder: &Path, port: u16, accounts: &[&str]) -> Result<()> {
    let at = folder.display();
    let boxes: String = accounts
        .iter()
        .map(|account| format!("{account}@{DOMAIN} {DOMAIN}/{account}/Maildir/\n"))
        .collect();
    std::fs::write(folder.join("postfix/boxes"), boxes)?;
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {at}/queue\ndata_directory = {at}/state\n\
         maillog_file = {at}/log/postfix.log\nmaillog_file_prefixes = {at}\n\
         myhostname = mail.{DOMAIN}\nmydestination =\ninet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\nmynetworks = 127.0.0.0/8\nvirtual_mailbox_domains = {DOMAIN}\n\
         virtual_mailbox_base = {at}/boxes\nvirtual_mailbox_maps = texthash:{at}/postfix/boxes\n\
         virtual_uid_maps = static:8\nvirtual_gid_maps = static:8\nvirtual_minimum_uid = 1\n\
         default_transport = error:nothing leaves the tests\n\
         relay_transport = error:nothing leaves the tests\n\
         smtpd_relay_restrictions = permit_mynetworks, reject\n\
         message_size_limit = 52428800\nmailbox_size_limit = 0\nvirtual_mailbox_limit = 0\n"
    );
    std::fs::write(folder.join("postfix/main.cf"), main)?;
    let services = format!(
        "127.0.0.1:{port} inet n - n - - smtpd\npickup unix n - n 60 1 pickup\n\
         cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
         rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\n\
         defer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n\
         verify unix - - n - 1 verify\nproxymap unix - - n - - proxymap\n\
         error unix - - n - - error\nretry unix - - n - - error\n\
         virtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\n\
         postlog unix-dgram n - n - 1 postlogd\n"
    );
    std::fs::write(folder.join("postfix/master.cf"), services)?;
    let types = Path::new("/etc/postfix/dynamicmaps.cf");
    if types.exists() {
        std::fs::copy(types, folder.join("postfix/dynamicmaps.cf"))?;
    }
    std::fs::create_dir_all(folder.join(format!("boxes/{DOMAIN}")))?;
    // Other users' processes must pass through.
    let mut above = Some(folder);
    while let Some(part) = above {
        if part == std::env::temp_dir() {
            break;
        }
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(part, open)?;
        above = part.parent();
    }
    checked(
        Command::new("chown")
            .arg("-R")
            .arg("root:root")
            .arg(folder.join("postfix")),
    )?;
    checked(
        Command::new("chown")
            .arg("postfix")
            .arg(folder.join("state")),
    )?;
    checked(
        Command::new("chown")
            .args(["-R", "mail:mail"])
            .arg(folder.join("boxes")),
    )?;
    checked(
        Command::new("postfix")
            .arg("-c")
            .arg(folder.join("postfix"))
            .arg("start"),
    )
}

fn configure(folder: &Path, imap: u16, smtp: u16) -> Result<()> {
    let at = folder.display();
    let config = format!(
        "<?php\n$config = [];\n\
         $config['db_dsnw'] = 'sqlite:///{at}/database/roundcube.db?mode=0640';\n\
         $config['imap_host'] = '127.0.0.1:{imap}';\n$config['smtp_host'] = '127.0.0.1:{smtp}';\n\
         $config['smtp_user'] = '';\n$config['smtp_pass'] = '';\n\
         $config['des_key'] = 'abcdefghijklmnopqrstuvwx';\n$config['plugins'] = [];\n\
         $config['skin'] = 'elastic';\n$config['language'] = 'en_US';\n\
         $config['log_dir'] = '{at}/log/';\n$config['temp_dir'] = '{at}/temp/';\n\
         $config['enable_spellcheck'] = false;\n$config['mime_types'] = '/etc/mime.types';\n"
    );
    std::fs::write(folder.join("config/config.inc.php"), config)?;
    for file in ["defaults.inc.php", "mimetypes.php"] {
        let target = folder.join("config").join(file);
        if !target.exists() {
            std::os::unix::fs::symlink(Path::new("/etc/roundcube").join(file), target)?;
        }
    }
    let schema = std::fs::File::open("/usr/share/roundcube/SQL/sqlite.initial.sql")?;
    let output = Command::new("sqlite3")
        .arg(folder.join("database/roundcube.db"))
        .stdin(schema)
        .output()?;
    if !output.status.success() {
        bail!("sqlite3: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
