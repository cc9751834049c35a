package io.gq.raft;

import io.gq.core.NodeId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.thirdparty.io.grpc.EquivalentAddressGroup;
import org.apache.ratis.thirdparty.io.grpc.NameResolver;
import org.apache.ratis.thirdparty.io.grpc.NameResolverProvider;
import org.apache.ratis.thirdparty.io.grpc.NameResolverRegistry;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusOr;
import org.jspecify.annotations.Nullable;

/**
 * Resolves {@code gq:///partitions/2} to the present address of node 2's server, again whenever the address book changes. gRPC's
 * registry of resolvers is one for the process, and so is the list of address books here; the book entered last is asked first.
 */
final class PeerResolver extends NameResolver {

    static final String SCHEME = "gq";

    private static final Pattern PATH = Pattern.compile("/(partitions|replicated|controller)/([1-9][0-9]*)");
    private static final CopyOnWriteArrayList<AddressBook> BOOKS = new CopyOnWriteArrayList<>();

    private final RaftHostKind kind;
    private final NodeId node;
    private final Executor executor;
    private final Runnable onChange = this::refresh;
    private @Nullable Listener2 listener;

    private PeerResolver(RaftHostKind kind, NodeId node, Executor executor) {
        this.kind = kind;
        this.node = node;
        this.executor = executor;
    }

    static {
        NameResolverRegistry.getDefaultRegistry().register(new Provider());
    }

    /** Addresses are looked up in this book too, from now on. */
    static void add(AddressBook book) {
        BOOKS.add(0, book);
    }

    static void remove(AddressBook book) {
        BOOKS.remove(book);
    }

    @Override
    public String getServiceAuthority() {
        return kind.label() + "-" + node;
    }

    @Override
    public synchronized void start(Listener2 newListener) {
        listener = newListener;
        BOOKS.forEach(book -> book.listen(onChange));
        refresh();
    }

    @Override
    public void refresh() {
        executor.execute(this::resolve);
    }

    @Override
    public synchronized void shutdown() {
        listener = null;
        BOOKS.forEach(book -> book.unlisten(onChange));
    }

    private synchronized void resolve() {
        if (listener == null) {
            return;
        }
        Optional<InetSocketAddress> found =
                BOOKS.stream().flatMap(book -> book.find(kind, node).stream()).findFirst();
        if (found.isEmpty()) {
            listener.onError(Status.UNAVAILABLE.withDescription("no address known of node " + node));
            return;
        }
        List<EquivalentAddressGroup> groups = new ArrayList<>();
        try {
            for (InetAddress address : InetAddress.getAllByName(found.get().getHostString())) {
                groups.add(new EquivalentAddressGroup(
                        new InetSocketAddress(address, found.get().getPort())));
            }
        } catch (UnknownHostException e) {
            listener.onError(
                    Status.UNAVAILABLE.withDescription("host of node " + node).withCause(e));
            return;
        }
        listener.onResult(ResolutionResult.newBuilder()
                .setAddressesOrError(StatusOr.fromValue(groups))
                .build());
    }

    private static final class Provider extends NameResolverProvider {

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }

        @Override
        public String getDefaultScheme() {
            return SCHEME;
        }

        @Override
        public @Nullable NameResolver newNameResolver(URI target, Args args) {
            if (!SCHEME.equals(target.getScheme())) {
                return null;
            }
            Matcher path = PATH.matcher(String.valueOf(target.getPath()));
            if (!path.matches()) {
                throw new IllegalArgumentException("address: " + target + " (expected: gq:///<kind>/<node>)");
            }
            Executor offload = args.getOffloadExecutor();
            return new PeerResolver(
                    RaftHostKind.valueOf(path.group(1).toUpperCase(Locale.ROOT)),
                    new NodeId(Integer.parseInt(path.group(2))),
                    offload == null ? Runnable::run : offload);
        }
    }
}
