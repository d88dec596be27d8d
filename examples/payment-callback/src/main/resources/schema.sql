create table if not exists invoice (
    id         varchar(36) primary key,
    due_cents  bigint not null,
    paid_cents bigint not null default 0,
    payments   int    not null default 0
);

-- what was heard of, and how; no unique number: what is stored twice is to be seen, not prevented
create table if not exists notification (
    number  varchar(100) not null,
    invoice varchar(36)  not null,
    cents   bigint       not null,
    source  varchar(20)  not null
);
