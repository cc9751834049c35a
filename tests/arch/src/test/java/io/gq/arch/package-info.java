/** The import rules: which part may know which other, and where the outside world may be touched. */
@NullMarked
package io.gq.arch;

import org.jspecify.annotations.NullMarked;
