create schema if not exists inventory;
create table if not exists inventory.stock (
    product   varchar(100) primary key,
    received  int not null,
    available int not null check (available >= 0)
);
-- no unique order_id: what is reserved twice is to be seen, not prevented
create table if not exists inventory.reservation (
    order_id varchar(36)  not null,
    product  varchar(100) not null,
    quantity int          not null,
    state    varchar(30)  not null default 'RESERVED'
);
