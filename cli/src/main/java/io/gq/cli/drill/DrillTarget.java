package io.gq.cli.drill;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The running cluster a drill is held on, and a client of it: as thin as can be, so that product and client are what is judged. A client's
 * own unchecked exceptions end the drill.
 */
public interface DrillTarget extends AutoCloseable {

    /** Sends to one topic, idempotently; what it sends to a partition arrives in the order of the calls. */
    interface Sender extends AutoCloseable {
        /** Returns when the record is on its way, or waits for room. */
        void send(int partition, byte[] value, Answer answer);

        /** Waits until every record sent is acknowledged or has failed. */
        @Override
        void close();
    }

    /** What became of a record; called once, from any thread. */
    interface Answer {
        void acknowledged(long offset);

        /** Certainly not kept. */
        void refused();

        void unknown();
    }

    /** Takes records as they are read. */
    interface Sink {
        void record(int partition, long offset, String value);
    }

    /** How many brokers are to be there. */
    int brokers();

    /** Makes a topic and waits until all its partitions take writes. */
    void createTopic(String topic, int partitions, int replicas);

    void deleteTopic(String topic);

    /** Whether all brokers are there and all replicas are caught up; false also where nobody answers just now. */
    boolean healthy();

    /** Node id of the leader by partition; 0 where there is none. */
    Map<Integer, Integer> leaders(String topic);

    /** The process of a broker; empty where it does not run. */
    Optional<ProcessHandle> process(int node);

    /** Starts the brokers that do not run; the cluster need not be healthy yet when it returns. */
    void startBrokers() throws DrillFailure;

    /** @param deliveryTimeout how long the client tries to deliver a record */
    Sender sender(String topic, Duration deliveryTimeout);

    /** Reads every record of the topic up to its present end, each partition from its first on, with a new consumer. */
    void readAll(String topic, Sink sink) throws DrillFailure;

    @Override
    void close();
}
