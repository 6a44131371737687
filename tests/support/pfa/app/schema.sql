-- The database as release 3 left it.
create table pfa_records (
  id integer primary key,
  organization_id text not null,
  pfa_id text not null,
  category text,
  created_at timestamptz not null default now()
);
create table pfa_modification (id integer primary key, record_id integer references pfa_records, note text);
create table _prisma_migrations (migration_name text primary key, finished_at timestamptz, rolled_back_at timestamptz);
insert into _prisma_migrations values ('20251001000001_init', now(), null);
