# To be sourced by the launchers (sh or bash), which then call gq_find_java: sets JAVA to the java command to run and JAVA_MAJOR to its version (17, 25, ...).
# JAVA_HOME wins; else the newest JDK from 17 on that is found under the usual directories or on the PATH.

GQ_JAVA_MIN=17

# Prints the major version of the java command given; nothing where it does not run.
gq_java_major() {
  local release="${1%/bin/java}/release" version=""
  if [ -r "$release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release")
  fi
  if [ -z "$version" ]; then
    version=$("$1" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  fi
  printf '%s' "$version"
}

gq_find_java() {
  local candidate major
  JAVA="" JAVA_MAJOR=0
  if [ -n "${JAVA_HOME:-}" ]; then
    JAVA="$JAVA_HOME/bin/java"
    if [ ! -x "$JAVA" ]; then
      echo "JAVA_HOME: $JAVA_HOME (expected: a directory with bin/java)" >&2
      return 1
    fi
    JAVA_MAJOR=$(gq_java_major "$JAVA")
  else
    for candidate in /usr/lib/jvm/*/bin/java /opt/java/*/bin/java /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java \
        "$(command -v java || true)"; do
      [ -n "$candidate" ] && [ -x "$candidate" ] || continue
      major=$(gq_java_major "$candidate")
      if [ -n "$major" ] && [ "$major" -gt "$JAVA_MAJOR" ]; then
        JAVA="$candidate" JAVA_MAJOR="$major"
      fi
    done
  fi
  if [ -z "$JAVA" ] || [ "${JAVA_MAJOR:-0}" -lt "$GQ_JAVA_MIN" ]; then
    echo "java: ${JAVA:-none found} ${JAVA_MAJOR:-} (expected: a JDK from $GQ_JAVA_MIN on; set JAVA_HOME)" >&2
    return 1
  fi
}

# gq_of_this_build <file> <module's target>: whether the file is newer than all jars of the module.
gq_of_this_build() {
  local jar
  for jar in "$2"/*.jar "$2"/lib/*.jar; do
    if [ -e "$jar" ] && [ ! "$1" -nt "$jar" ]; then return 1; fi
  done
}
