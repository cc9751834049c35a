package io.gq.broker.data;

/**
 * What a node did last with its replica of a group.
 *
 * <pre>
 *   OPEN --> DAMAGED --> REBUILDING --> OPEN
 *     \---------\------------\--> DELETED
 * </pre>
 */
public enum GroupState {
    /** Opened as a member; its files must be there. */
    OPEN,
    /** Its files are gone or wrong; it does not vote or serve. */
    DAMAGED,
    /** Being copied from its peers after its old membership was taken out of the group. */
    REBUILDING,
    /** Its files were deleted with its topic; never opened again. */
    DELETED
}
