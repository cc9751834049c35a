package io.gq.client.producer;

/** What a partition knows a producer by. */
record ProducerIdentity(long id, short epoch) {}
