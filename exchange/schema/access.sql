-- Who may come in from outside, with which tokens, and what each request was given. Instants are ISO 8601 texts in UTC.
create table if not exists client (
    client_id text primary key,
    party_kind text not null check (party_kind in ('customer', 'supplier')),
    party_id text not null,
    secret text not null,        -- Argon2; the secret itself is shown once and kept nowhere
    made_at text not null,
    rotated_at text,
    revoked_at text
) strict;

create table if not exists token (
    digest text primary key,     -- SHA-256 of the token
    client_id text not null references client (client_id),
    issued_at text not null,
    expires_at text not null
) strict;

create table if not exists failed_token (address text not null, client_id text not null, at text not null) strict;

-- Signs the links to next pages.
create table if not exists signing (purpose text primary key, key blob not null) strict;

-- Each line carries the hash of the one before, so that a line changed or taken out later shows.
create table if not exists access (
    number integer primary key autoincrement,
    at text not null,
    client_id text,              -- nobody where no token or secret was right
    party_kind text,
    party_id text,
    address text not null,
    act text not null,           -- token, list, get, event
    subject text not null,       -- what was asked for: path and filters, or the type and id of an event
    status integer not null,
    records text not null,       -- JSON: the ids of the footprints that were handed out
    hash text not null
) strict;

create trigger if not exists access_is_not_changed before update on access
begin select raise(abort, 'the log of accesses is only added to'); end;

create trigger if not exists access_is_not_cut before delete on access
begin select raise(abort, 'the log of accesses is only added to'); end;
