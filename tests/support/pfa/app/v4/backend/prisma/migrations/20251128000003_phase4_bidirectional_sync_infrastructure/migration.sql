create table pfa_write_queue (
  id serial primary key,
  payload jsonb not null,
  status text not null default 'queued',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table pfa_sync_conflict (id serial primary key, record_id integer, note text);
alter table pfa_modification add column sync_status text, add column synced_at timestamptz;
alter table pfa_modification add column sync_error text, add column pems_version integer;
insert into _prisma_migrations values ('20251128000003_phase4_bidirectional_sync_infrastructure', now(), null);
