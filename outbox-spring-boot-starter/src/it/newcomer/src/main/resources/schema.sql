create table placed (id varchar(100) primary key);
