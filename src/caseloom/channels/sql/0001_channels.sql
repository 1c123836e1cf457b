-- One row a contact: what lists, threading and the sorter ask for. Words and addresses are empty once the person is erased.
create table contact_row (
    id bigint primary key,
    customer bigint not null,
    case_id bigint,
    direction text not null,
    channel text not null,
    at timestamptz not null,
    automatic text not null,
    status text not null,
    team text not null,
    subject text not null,
    snippet text not null,
    address text not null,
    name text not null,
    has_html boolean not null,
    attachments text not null,
    message_id text not null,
    in_reply_to text not null,
    answers bigint,
    bounced boolean not null
);
create index contact_customer on contact_row (customer, id desc);
create index contact_message on contact_row (message_id) where message_id <> '';
create index contact_unsorted on contact_row (id) where case_id is null;

-- A mail as it came, durable before the other side is told so. `id` is the contact that it becomes. `sealed` holds the bytes and the
-- envelope under the house's key; once sorted it is null, and the bytes live on as a blob under the person's key.
create table raw_mail (
    id bigint primary key,
    sha256 bytea not null unique,
    mailbox text not null,
    received_at timestamptz not null,
    state text not null default 'new' check (state in ('new', 'done', 'quarantined')),
    reason text not null default '',
    attempts integer not null default 0,
    sealed bytea
);
create index raw_mail_new on raw_mail (id) where state = 'new';
create index raw_mail_quarantined on raw_mail (id) where state = 'quarantined';
alter table raw_mail alter column sealed set storage external;

-- What was taken from IMAP mailboxes (RFC 9051 §2.3.1.1).
create table imap_taken (
    mailbox text not null,
    uidvalidity bigint not null,
    uid bigint not null,
    sha256 bytea not null,
    primary key (mailbox, uidvalidity, uid)
);
create index imap_taken_content on imap_taken (mailbox, sha256);
