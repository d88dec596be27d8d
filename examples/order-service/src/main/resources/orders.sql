create schema if not exists orders;
create table if not exists orders.placed_order (
    id       varchar(36)  primary key,
    customer varchar(100) not null,
    product  varchar(100) not null,
    quantity int          not null,
    cents    bigint       not null,
    state    varchar(30)  not null default 'PLACED'
);
