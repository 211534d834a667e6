-- Releases of products' footprints: what was released never changes, what became of it is a later row.
-- Instants are ISO 8601 texts in UTC, periods are 2025 or 2025-12, figures are decimal texts.

create table if not exists releases (
    record_id text primary key,            -- a UUID, the id that partners know
    organization_id text not null,
    product_id text not null,
    period text not null,
    version integer not null,              -- counts a product's releases from 1
    record text not null,                  -- the whole record, canonical JSON
    content_hash text not null,            -- SHA-256 of what the record says about the product, without its own id and dates
    publication_number integer not null,   -- of the marts that it was made from
    code_hash text not null,
    released_at text not null,
    released_by text not null,             -- people.csv
    way text not null,                     -- command or portal
    reason text not null,                  -- empty for a first release
    unique (organization_id, product_id, version)
) strict;

create table if not exists release_steps (
    record_id text not null references releases (record_id),
    step text not null check (step in ('deprecated', 'withdrawn')),
    at text not null,
    person_id text not null,
    reason text not null,
    superseded_by text references releases (record_id),
    primary key (record_id, step)
) strict;

create trigger if not exists release_is_frozen before update on releases
begin
    select raise(abort, 'a release is frozen');
end;

create trigger if not exists release_is_kept before delete on releases
begin
    select raise(abort, 'a release is kept');
end;

create trigger if not exists step_is_frozen before update on release_steps
begin
    select raise(abort, 'what became of a release is frozen');
end;

create trigger if not exists step_is_kept before delete on release_steps
begin
    select raise(abort, 'what became of a release is kept');
end;
