@NullMarked
package io.gq.cli;

import org.jspecify.annotations.NullMarked;
