# SPDX-License-Identifier: MIT
#
# What is public. Of headers, with WHAT:
#     prototypes   every exported function, as "int f(int a, int b)"
#     words        every member of a structure, enumerator and macro, as "Va member", "Dv PL_X"
# and of manual pages, with WHAT:
#     synopsis     every function of the SYNOPSIS, as prototypes
#     names        every name in NAME that is one of the library's
#     mentions     every function of the library that is mentioned anywhere
# One a line; what comes twice is printed twice.

function squeeze(text)
{
    gsub(/[ \t\n]+/, " ", text)
    gsub(/^ | $/, "", text)
    return text
}

# The text without comments and preprocessor lines; the names that those define go to WORDS.
function bare(text,    start, end, line, lines, i, name, result, goes_on)
{
    while ((start = index(text, "/*")) > 0) {
        end = index(substr(text, start), "*/")
        text = substr(text, 1, start - 1) " " substr(text, start + end + 1)
    }
    lines = split(text, line, "\n")
    result = ""
    goes_on = 0
    for (i = 1; i <= lines; i++) {
        if (!goes_on && line[i] ~ /^#define PL_/) {
            name = substr(line[i], 9)
            sub(/[^A-Z_].*/, "", name)
            word["Dv " name] = 1
        }
        if (goes_on || line[i] ~ /^#/)
            goes_on = line[i] ~ /\\$/
        else
            result = result line[i] "\n"
    }
    return result
}

# The names in the body of a structure or an enumeration.
function members(body, is_enum,    part, parts, i, name)
{
    parts = split(body, part, is_enum ? "," : ";")
    for (i = 1; i <= parts; i++) {
        name = squeeze(part[i])
        if (is_enum)
            sub(/ *=.*/, "", name)
        else if (match(name, /\(\*[a-z_]+\)/))
            name = substr(name, RSTART + 2, RLENGTH - 3)
        else
            sub(/.*[ *]/, "", name)
        sub(/\[.*/, "", name)
        if (name != "")
            word[(is_enum ? "Dv " : "Va ") name] = 1
    }
}

function header(text,    statement, statements, i, body)
{
    text = bare(text)
    while (match(text, /(struct|enum) [a-z_]+ \{[^}]*\};/)) {
        body = substr(text, RSTART, RLENGTH - 2)
        text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
        i = body ~ /^enum/
        sub(/^[^{]*\{/, "", body)
        members(body, i)
    }
    statements = split(text, statement, ";")
    for (i = 1; i <= statements; i++) {
        sub(/PL_PRINTF\([^)]*\)/, "", statement[i])
        if (what == "prototypes" && sub(/.*PL_EXPORT /, "", statement[i]))
            print squeeze(statement[i])
    }
    if (what == "words")
        for (i in word)
            print i
    split("", word)
}

function unquote(text)
{
    gsub(/^"|"$/, "", text)
    return text
}

FNR == 1 && NR > 1 && text != "" {
    header(text)
    text = ""
}
what == "prototypes" || what == "words" {
    text = text $0 "\n"
    next
}

/^\.Sh/ { section = $2 }
section == "NAME" && what == "names" && $1 == ".Nm" && $2 ~ /^pl_/ { print $2 }
what == "mentions" && /^\./ {
    for (i = 1; i < NF; i++)
        if ($i ~ /^\.?(Fn|Fo|Nm)$/ && $(i + 1) ~ /^pl_/)
            print $(i + 1)
}
section != "SYNOPSIS" || what != "synopsis" { next }
$1 == ".Ft" { type = substr($0, 5) }
$1 == ".Fo" { name = $2; arguments = "" }
$1 == ".Fa" { arguments = arguments (arguments == "" ? "" : ", ") unquote(substr($0, 5)) }
$1 == ".Fc" { print type (type ~ /\*$/ ? "" : " ") name "(" arguments ")" }

END {
    if (text != "")
        header(text)
}
