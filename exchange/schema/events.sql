-- What partners' events said, what we asked of suppliers, and what came of it. Instants are ISO 8601 texts in UTC.
-- Events that leave are messages of the outbox, whose tables are in the same file.

create table if not exists event_in (
    client_id text not null,        -- who posted it, as our host knows its clients
    event_id text not null,
    pact_version integer not null,
    type text not null,
    source text not null,
    body text not null,             -- the event as it came
    received_at text not null,
    attempts integer not null default 0,
    next_at real not null default 0, -- seconds since 1970: when it may be looked at
    handled_at text,
    outcome text,
    primary key (client_id, event_id)
) strict;

create index if not exists event_in_open on event_in (next_at) where handled_at is null;

create table if not exists ask (
    ask_id text primary key,        -- the id of the RequestCreatedEvent, a UUID
    supplier_id text not null,
    product_identifier text not null,
    way text not null,              -- list, event
    asked_at text not null,
    state text not null,            -- waiting, answered, empty, rejected, away, refused
    settled_at text,
    answer text                     -- what the supplier said, in short
) strict;

create index if not exists ask_of_supplier on ask (supplier_id, product_identifier, asked_at);

create table if not exists supplier_answer (
    number integer primary key autoincrement,
    supplier_id text not null,
    organization_id text not null,  -- who buys
    material text not null,
    record_id text not null,        -- as the supplier names it; empty where the record has none
    content_hash text not null,     -- of the record, whatever the order of its keys
    payload_hash text not null,     -- the answer that it stood in, in payloads/
    ask_id text,
    received_at text not null,
    state text not null,            -- judged, for_review, quarantined, withdrawn
    reason_zh text,
    reason_en text,
    row text,                       -- JSON: a row of supplier_footprints.csv
    entry_id text,                  -- where the portal has it
    settled_at text,
    withdrawal_told_at text,        -- when the portal was told that the supplier took it back
    unique (supplier_id, organization_id, material, record_id, content_hash)
) strict;

create index if not exists supplier_answer_of_record on supplier_answer (supplier_id, record_id);
