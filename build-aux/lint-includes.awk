# SPDX-License-Identifier: MIT
#
# Check each #include "..." of the given files: rooms know only the rooms below them, a name
# carries its folder, config.h comes first, and no .c file is included.

BEGIN {
    # What a room may include besides itself and the public headers.
    below["base"] = ""
    below["engine"] = "base"
    below["transport"] = "engine base"
    below["config"] = "transport engine base"
    below["store"] = "base"
    below["account"] = "chat store base"
    below["chat"] = "store config transport engine base"
    below["lookup"] = "transport engine base"
    # A service sees sessions and lines: neither engine nor connection.
    below["echo"] = "chat config base"
    below["irc"] = "chat account lookup config base"
    below["talk"] = "chat account lookup config base"
    below["tools"] = "config transport engine base"
    below["daemon"] = "talk irc echo lookup chat account store config transport engine base"
    for (room in below) {
        allowed[room, room] = 1
        n = split(below[room], names, " ")
        for (i = 1; i <= n; i++)
            allowed[room, names[i]] = 1
    }
}

function complain(text)
{
    print FILENAME ":" FNR ": " text
}

# The kind of a file: a room's name, "include", "examples", "tests" or "bench".
function kind_of(name,   parts)
{
    split(name, parts, "/")
    return parts[1] == "src" ? parts[2] : parts[1]
}

FNR == 1 {
    kind = kind_of(FILENAME)
    in_room = FILENAME ~ /^src\//
    first = 1
    if (in_room && !(kind in below))
        complain("the room " kind " has no place in build-aux/lint-includes.awk")
}

/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
    quoted = index($0, "\"") > 0
    name = $0
    sub(/^[^<"]*[<"]/, "", name)
    sub(/[>"].*$/, "", name)
    folder = name
    sub(/\/.*$/, "", folder)

    if (name == "config.h") {
        if (!first)
            complain("config.h comes first")
        if (FILENAME !~ /\.c$/ || kind == "examples")
            complain("config.h is for .c files of the tree only")
        first = 0
        next
    }
    if (first && FILENAME ~ /\.c$/ && kind != "examples")
        complain("config.h comes first")
    first = 0

    if (name ~ /\.c$/)
        complain("a .c file is compiled, not included")
    if (folder in below) {
        if (kind == "include" || kind == "examples")
            complain("public headers and examples know nothing of " name)
        else if (in_room && !((kind, folder) in allowed))
            complain(kind " may not know " folder " (" name ")")
    } else if (quoted && index(name, "/") == 0 && name != "paceline.h") {
        complain(name " carries no folder")
    } else if (in_room && (folder == "tests" || folder == "bench")) {
        complain(kind " may not know " folder " (" name ")")
    }
}
