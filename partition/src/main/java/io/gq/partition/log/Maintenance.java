package io.gq.partition.log;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work on files that the log's truth does not depend on. It runs when the round's files are synced: a file that is deleted must not
 * be waiting for that.
 */
record Maintenance(String what, Work work) implements WriteQueue.Write {

    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

    interface Work {
        void run() throws IOException;
    }

    @Override
    public void perform(WriteQueue.Syncs syncs) {}

    @Override
    public void done(@Nullable Exception refused) {
        try {
            work.run();
        } catch (IOException e) {
            LOG.warn("maintenance failed what=\"{}\" cause=\"{}\"", what, e.toString());
        }
    }
}
