package io.gq.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The names of a file system, twice: as programs see them, and as the disk holds them. A change of a directory that was not synced
 * may be lost, with all later changes of that directory. Guarded by {@link FaultyFiles}.
 */
final class FileNames {

    /** What a name stands for: a file's content, or a directory where there is none. */
    record Node(@Nullable FileContent content) {

        static Node directory() {
            return new Node(null);
        }

        boolean isDirectory() {
            return content == null;
        }
    }

    private final TreeMap<Path, Node> visible = new TreeMap<>();
    private final TreeMap<Path, Node> onDisk = new TreeMap<>();
    private final List<Change> unsynced = new ArrayList<>();

    @Nullable
    Node get(Path path) {
        return visible.get(path);
    }

    boolean isDirectory(@Nullable Path path) {
        if (path == null || path.getParent() == null) {
            return true;
        }
        Node node = visible.get(path);
        return node != null && node.isDirectory();
    }

    /** Paths right below a directory, sorted. */
    List<Path> children(Path directory) {
        return visible.keySet().stream()
                .filter(path -> directory.equals(path.getParent()))
                .toList();
    }

    void create(Path path, Node node) {
        change(new Change(null, path, node));
    }

    void delete(Path path) {
        change(new Change(path, null, null));
    }

    void rename(Path from, Path to) {
        change(new Change(from, to, visible.get(from)));
    }

    /** The directory's changes reach the disk, and those before them that they build on. */
    void sync(Path directory) {
        Set<Path> reached = new HashSet<>(Set.of(directory));
        List<Change> synced = new ArrayList<>();
        for (int i = unsynced.size() - 1; i >= 0; i--) {
            if (unsynced.get(i).directories().stream().anyMatch(reached::contains)) {
                reached.addAll(unsynced.get(i).directories());
                synced.add(0, unsynced.remove(i));
            }
        }
        synced.forEach(change -> change.applyTo(onDisk));
    }

    /** Power is lost and comes back; answers the files that are left. */
    List<FileContent> crash(RandomGenerator random) {
        int survivalPercent = switch (random.nextInt(3)) {
            case 0 -> 0;
            case 1 -> 100;
            default -> random.nextInt(101);
        };
        Set<Path> stale = new HashSet<>();
        for (Change change : unsynced) {
            boolean survives = random.nextInt(100) < survivalPercent
                    && change.directories().stream().noneMatch(stale::contains);
            if (survives) {
                change.applyTo(onDisk);
            } else {
                stale.addAll(change.directories());
            }
        }
        unsynced.clear();
        onDisk.keySet().removeIf(path -> isOrphan(path));
        visible.clear();
        visible.putAll(onDisk);
        List<FileContent> left = new ArrayList<>();
        for (Node node : onDisk.values()) {
            if (node.content() != null) {
                left.add(node.content());
            }
        }
        return left;
    }

    private boolean isOrphan(Path path) {
        for (Path above = path.getParent(); above != null && above.getParent() != null; above = above.getParent()) {
            if (!onDisk.containsKey(above)) {
                return true;
            }
        }
        return false;
    }

    long usedBytes() {
        long bytes = 0;
        for (Node node : visible.values()) {
            bytes += node.content() == null ? 0 : node.content().size();
        }
        return bytes;
    }

    private void change(Change change) {
        change.applyTo(visible);
        unsynced.add(change);
    }

    /** A name goes, comes, or both at once. */
    private record Change(
            @Nullable Path from,
            @Nullable Path to,
            @Nullable Node node) {

        Set<Path> directories() {
            Set<Path> directories = new HashSet<>();
            for (Path path : new Path[] {from, to}) {
                if (path != null && path.getParent() != null) {
                    directories.add(path.getParent());
                }
            }
            return directories;
        }

        void applyTo(TreeMap<Path, Node> names) {
            Map<Path, Node> moved = new TreeMap<>();
            if (from != null) {
                names.remove(from);
                if (to != null) {
                    names.forEach((path, below) -> {
                        if (path.startsWith(from)) {
                            moved.put(to.resolve(from.relativize(path)), below);
                        }
                    });
                }
                names.keySet().removeIf(path -> path.startsWith(from));
            }
            if (to != null && node != null) {
                names.put(to, node);
            }
            names.putAll(moved);
        }
    }
}
