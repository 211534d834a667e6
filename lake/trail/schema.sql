-- What was done on this machine beside the portal and the exchange, which keep logs of their own. Instants are ISO 8601 in UTC.
create table if not exists trail (
    number integer primary key autoincrement,
    at text not null,
    door text not null,
    effect text not null,
    act text not null,
    actor text,
    address text,
    organization_id text,
    subject text,
    detail text,
    outcome text not null,
    records_count integer,
    hash text not null
) strict;

create trigger if not exists trail_is_not_changed before update on trail
begin select raise(abort, 'the audit trail is only added to'); end;

create trigger if not exists trail_is_not_cut before delete on trail
begin select raise(abort, 'the audit trail is only added to'); end;
