/** What the fuzz targets share. The targets themselves lie in the packages of what they aim at. */
@NullMarked
package io.gq.fuzz;

import org.jspecify.annotations.NullMarked;
