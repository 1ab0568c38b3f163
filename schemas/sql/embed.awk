# Turns the migrations NNNN_NAME.sql given as arguments into the C table that store/database.h declares.
BEGIN {
    print "#include \"store/database.h\""
    print "const struct migration migrations[] = {"
}
FNR == 1 {
    if (NR > 1)
        print "    },"
    file = FILENAME
    sub(/.*\//, "", file)
    printf "    {%d, \"%s\",\n", substr(file, 1, 4) + 0, file
}
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    printf "     \"%s\\n\"\n", $0
}
END {
    if (NR > 0)
        print "    },"
    print "};"
    print "const size_t n_migrations = sizeof(migrations) / sizeof(migrations[0]);"
}
