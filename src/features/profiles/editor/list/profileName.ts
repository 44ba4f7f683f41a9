/** Names by which files are offered as profiles, in menus too. */
export const profileName =
  /\.(pprof|prof|pb|folded|collapsed|perf|perf\.txt|speedscope\.json|cpuprofile|heapprofile|jfr)(\.gz)?$|(trace|profile|flame)[^/]*\.(json|svg|txt)(\.gz)?$/i;
