-- The portal's own tables. Instants are ISO 8601 texts in UTC, months are 2025-01.
create table if not exists accounts (
    person_id text primary key,
    password text not null,
    must_change integer not null default 1,
    failures integer not null default 0,
    code_failures integer not null default 0,  -- wrong codes of the second factor
    locked_until text,
    is_disabled integer not null default 0,
    changed_at text not null,
    issuer text,   -- who vouches for the person instead of a password (OIDC), with the name it gives
    subject text,
    unique (issuer, subject)
);

create table if not exists sessions (
    token_hash text primary key,
    person_id text not null references accounts (person_id),
    csrf text not null,
    begun_at text not null,
    seen_at text not null
);

-- Sessions that a provider vouched for, with the groups that it named (JSON).
create table if not exists vouched_sessions (
    token_hash text primary key references sessions (token_hash) on delete cascade,
    said text not null
);

-- Where a session was begun, and whether a second factor was given in it.
create table if not exists session_facts (
    token_hash text primary key references sessions (token_hash) on delete cascade,
    address text not null,
    browser text not null,
    is_proven integer not null
);

create table if not exists last_sign_ins (person_id text primary key, at text not null);

-- Hashes of passwords that were, so that none of the last ones comes again.
create table if not exists old_passwords (
    number integer primary key autoincrement,
    person_id text not null,
    password text not null
);

-- What codes of a person's app are made from, encrypted: in use, and offered but not yet tried.
create table if not exists second_factors (
    person_id text primary key references accounts (person_id),
    secret text,
    offered text,
    step integer not null default 0,  -- the last step of time that a code was taken of
    made_at text
);

create table if not exists recovery_codes (
    person_id text not null,
    digest text not null,
    used_at text,
    primary key (person_id, digest)
);

-- Who looked at an account and found that it is still needed.
create table if not exists account_reviews (
    number integer primary key autoincrement,
    person_id text not null,
    reviewed_by text not null,
    at text not null
);

-- Who is on the way to the provider: what has to come back, and from which browser.
create table if not exists sign_ins (
    state_hash text primary key,
    browser_hash text not null,
    nonce text not null,
    verifier text not null,
    next text not null,
    at text not null
);

-- Who is on the way to the dashboards: whom the portal vouches for, to whoever brings the code.
create table if not exists sign_on_codes (
    code_hash text primary key,
    person_id text not null,
    said text not null,
    nonce text not null,
    challenge text not null,
    at text not null
);

create table if not exists failed_logins (address text not null, at text not null);

create table if not exists sheets (
    entry_id text primary key,
    kind text not null,
    organization_id text not null,
    month text not null,
    about text not null default '',  -- where a month has several of a kind: who gives what
    unique (kind, organization_id, month, about)
);

create table if not exists versions (
    entry_id text not null references sheets (entry_id),
    version integer not null,
    state text not null,
    rows text not null,         -- JSON: what was typed, a list of {column: text}
    revision integer not null,  -- grows with every change; who saves names the one he saw
    reason text,                -- why this version corrects the one before
    authors text not null,      -- JSON: everybody who wrote in it
    submitted_by text,
    submitted_at text,
    reviewed_by text,
    reviewed_at text,
    approved_by text,
    approved_at text,
    batch_id text,              -- the payload it is in the lake as
    changed_at text not null,
    primary key (entry_id, version)
);

create table if not exists remarks (
    entry_id text not null,
    version integer not null,
    at text not null,
    person_id text not null,
    step text not null,
    words text not null,
    foreign key (entry_id, version) references versions (entry_id, version)
);

create table if not exists attachments (
    entry_id text not null,
    version integer not null,
    name text not null,
    digest text not null,
    suffix text not null,
    size_bytes integer not null,
    person_id text not null,
    at text not null,
    primary key (entry_id, version, name),
    foreign key (entry_id, version) references versions (entry_id, version)
);

-- Filled workbooks as they were sent, with what they said and the line of each row.
create table if not exists workbooks (
    number integer primary key autoincrement,
    entry_id text not null,
    version integer not null,
    name text not null,
    digest text not null,
    rows text not null,
    lines text not null,
    person_id text not null,
    at text not null,
    foreign key (entry_id, version) references versions (entry_id, version)
);

-- What lets a supplier without an account answer: only the hash of the link's word is kept.
create table if not exists supplier_links (
    number integer primary key autoincrement,
    token_hash text not null unique,
    organization_id text not null,
    supplier_id text not null,
    made_by text not null,
    made_at text not null,
    due_on text not null,
    expires_at text not null,
    revoked_at text,
    revoked_by text,
    seen_at text
);

-- What was done about answers, for the lake: only added to, but for whether it was told.
create table if not exists supplier_acts (
    number integer primary key autoincrement,
    organization_id text not null,
    supplier_id text not null,
    material text not null,
    act text not null,
    at text not null,
    due_on text,
    person_id text not null,
    words text,
    is_told integer not null default 0
);

create table if not exists closed_months (
    organization_id text not null,
    month text not null,
    person_id text not null,
    at text not null,
    primary key (organization_id, month)
);

create table if not exists doubts (
    entry_id text not null,
    version integer not null,
    doubt_id text not null,
    rule_id text not null,
    line integer not null,
    subject text not null,
    message_zh text not null,
    message_en text not null,
    assigned_to text,
    closed_by text,
    closed_at text,
    reason text,
    primary key (entry_id, version, doubt_id),
    foreign key (entry_id, version) references versions (entry_id, version)
);

-- How each doubt stands in the lake, as JSON.
create table if not exists told_doubts (
    entry_id text not null,
    version integer not null,
    doubt_id text not null,
    said text not null,
    primary key (entry_id, version, doubt_id)
);

-- Who looks after which alert: only added to, but for whether the lake was told.
create table if not exists acknowledgements (
    number integer primary key autoincrement,
    alert_id text not null,
    rule_id text not null,
    subject text not null,
    organization_id text not null,
    raised_at text not null,
    person_id text not null,
    at text not null,
    remark text,
    is_told integer not null default 0
);

-- Each line carries the hash of the one before, so that a line changed or taken out later shows.
create table if not exists audit (
    number integer primary key autoincrement,
    at text not null,
    person_id text,
    address text,
    act text not null,
    organization_id text,
    subject text,
    detail text,
    hash text not null
);

create trigger if not exists audit_is_not_changed before update on audit
begin select raise(abort, 'the audit log is only added to'); end;

create trigger if not exists audit_is_not_cut before delete on audit
begin select raise(abort, 'the audit log is only added to'); end;
