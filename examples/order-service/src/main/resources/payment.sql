create schema if not exists payment;
create table if not exists payment.account (
    customer varchar(100) primary key,
    paid_in  bigint not null,
    balance  bigint not null check (balance >= 0)
);
-- no unique order_id: what is charged twice is to be seen, not prevented
create table if not exists payment.charge (
    order_id varchar(36)  not null,
    customer varchar(100) not null,
    cents    bigint       not null
);
