# Turns a template of msgids, each on one line, into the C table that daemon/util/told.h declares.
BEGIN {
    print "#include \"util/told.h\""
    print "const char *const told_sentences[] = {"
}
/^msgid "[^"]/ {
    sub(/^msgid /, "")
    print "    " $0 ","
}
END {
    print "    0,"
    print "};"
}
