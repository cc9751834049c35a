/** The controller: the replicated machine of cluster metadata, and what its leader needs to propose commands. */
@NullMarked
package io.gq.controller;

import org.jspecify.annotations.NullMarked;
