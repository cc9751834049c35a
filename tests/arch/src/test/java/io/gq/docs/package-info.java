/** What the words promise exists. */
@NullMarked
package io.gq.docs;

import org.jspecify.annotations.NullMarked;
