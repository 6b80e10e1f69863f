-- Record ids are random, so that the order of rows does not tell which sent message belongs to
-- which received one. Each change of a record takes the next `modseq` of its account.

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    salt BLOB NOT NULL,
    kdf_memory_kib INTEGER NOT NULL,
    kdf_passes INTEGER NOT NULL,
    kdf_lanes INTEGER NOT NULL,
    srp_group INTEGER NOT NULL,
    verifier BLOB NOT NULL,
    wrapped_vault_key BLOB NOT NULL,
    credentials_revision INTEGER NOT NULL,
    certificate BLOB NOT NULL,
    fingerprint TEXT NOT NULL,
    wkd_hash TEXT NOT NULL,
    published INTEGER NOT NULL,
    identity_name TEXT NOT NULL DEFAULT '',
    identity_modseq INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    mail_bytes INTEGER NOT NULL DEFAULT 0,
    object_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX accounts_by_fingerprint ON accounts (fingerprint);
CREATE INDEX accounts_by_wkd_hash ON accounts (wkd_hash);

CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    scope INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_account ON tokens (account_id);

-- The newest modseq of each data type; `floor` is the oldest state changes can be told from.
CREATE TABLE states (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    floor INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstones (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    record TEXT NOT NULL,
    created_modseq INTEGER NOT NULL,
    thread_id INTEGER,
    PRIMARY KEY (account_id, kind, modseq)
) STRICT, WITHOUT ROWID;

CREATE TABLE mailboxes (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    parent_id INTEGER REFERENCES mailboxes (id),
    name TEXT NOT NULL,
    role TEXT,
    sort_order INTEGER NOT NULL,
    subscribed INTEGER NOT NULL,
    created_modseq INTEGER NOT NULL,
    properties_modseq INTEGER NOT NULL,
    modseq INTEGER NOT NULL
) STRICT;
CREATE INDEX mailboxes_by_account ON mailboxes (account_id);
CREATE UNIQUE INDEX mailboxes_by_role ON mailboxes (account_id, role) WHERE role IS NOT NULL;
CREATE UNIQUE INDEX mailboxes_by_name ON mailboxes (account_id, ifnull(parent_id, 0), name);

CREATE TABLE threads (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_modseq INTEGER NOT NULL,
    modseq INTEGER NOT NULL
) STRICT;
CREATE INDEX threads_by_modseq ON threads (account_id, modseq);

-- Which thread a Message-ID belongs to; the reference is a keyed hash, never the id itself.
CREATE TABLE thread_references (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    reference BLOB NOT NULL,
    thread_id INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_references_by_thread ON thread_references (thread_id);

CREATE TABLE emails (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    thread_id INTEGER NOT NULL REFERENCES threads (id),
    received_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    -- Keyed hash of the bytes the account itself handed in; tells a repeated import.
    import_hash BLOB,
    created_modseq INTEGER NOT NULL,
    modseq INTEGER NOT NULL
) STRICT;
CREATE INDEX emails_by_import ON emails (account_id, import_hash) WHERE import_hash IS NOT NULL;
CREATE INDEX emails_by_time ON emails (account_id, received_at, id);
CREATE INDEX emails_by_modseq ON emails (account_id, modseq);
CREATE INDEX emails_by_thread ON emails (thread_id);

-- The sealed message, apart from `emails` so that lists do not read it.
CREATE TABLE sealed_messages (
    email_id INTEGER PRIMARY KEY REFERENCES emails (id) ON DELETE CASCADE,
    message BLOB NOT NULL
) STRICT;

CREATE TABLE email_mailboxes (
    email_id INTEGER NOT NULL REFERENCES emails (id) ON DELETE CASCADE,
    mailbox_id INTEGER NOT NULL REFERENCES mailboxes (id),
    PRIMARY KEY (email_id, mailbox_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX email_mailboxes_by_mailbox ON email_mailboxes (mailbox_id, email_id);

CREATE TABLE email_keywords (
    email_id INTEGER NOT NULL REFERENCES emails (id) ON DELETE CASCADE,
    keyword TEXT NOT NULL,
    PRIMARY KEY (email_id, keyword)
) STRICT, WITHOUT ROWID;

CREATE TABLE sealed_objects (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    data BLOB NOT NULL,
    created_modseq INTEGER NOT NULL,
    modseq INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sealed_objects_by_name ON sealed_objects (account_id, name);
CREATE INDEX sealed_objects_by_modseq ON sealed_objects (account_id, modseq);
