/** The words of the project: identities, errors, sizes. */
@NullMarked
package io.gq.core;

import org.jspecify.annotations.NullMarked;
