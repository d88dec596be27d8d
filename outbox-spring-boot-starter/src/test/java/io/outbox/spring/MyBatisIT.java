package io.outbox.spring;

import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.session.SqlSessionFactory;
import org.mybatis.spring.mapper.MapperFactoryBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** With MyBatis. */
class MyBatisIT extends TransactionContract {
    /** A mapper. */
    interface Placed {
        @Insert("insert into placed (id) values (#{id})")
        void insert(String id);
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {
        @Bean
        MapperFactoryBean<Placed> placed(SqlSessionFactory sessions) {
            MapperFactoryBean<Placed> mapper = new MapperFactoryBean<>(Placed.class);
            mapper.setSqlSessionFactory(sessions);
            return mapper;
        }

        @Bean
        Rows rows(Placed placed) {
            return placed::insert;
        }
    }

    @Override
    Class<?> application() {
        return Application.class;
    }
}
