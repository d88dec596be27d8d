# What bench, torture and simulate share: a class path that is built when something is newer. To be sourced, with the root
# of the project in $here.

# is_stale FILE SOURCE…: whether FILE is missing, or the project's pom.xml or anything in the sources is newer.
is_stale() {
  local file=$1
  shift
  [ ! -f "$file" ] || [ -n "$(find "$here/pom.xml" "$@" -name target -prune -o -type f -newer "$file" -print -quit)" ]
}

# build_classpath FILE CLASSES ARGUMENT…: runs Maven with these arguments, for the module that they name and what it
# needs, and leaves the class path in FILE: CLASSES and all dependencies.
build_classpath() {
  local file=$1 classes=$2
  shift 2
  mkdir -p "$(dirname "$file")"
  "$here/scripts/maven" --batch-mode --no-transfer-progress --quiet -DskipTests -am "$@" \
    org.apache.maven.plugins:maven-dependency-plugin:build-classpath -Dmdep.outputFile="$file.dependencies" >&2
  printf '%s:%s' "$classes" "$(cat "$file.dependencies")" >"$file"
}
