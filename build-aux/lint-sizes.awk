# SPDX-License-Identifier: MIT
#
# Files are to stay under 600 lines, functions under 60; more than 600 and more than 100 are
# errors. The layout makes a function's braces the only ones in the first column. With report=1,
# print figures instead.

function complain(line, text)
{
    if (!report)
        print file ":" line ": " text
}

function end_of_file()
{
    if (lines > 600)
        complain(lines, "the file has " lines " lines")
}

FNR == 1 {
    end_of_file()
    file = FILENAME
    files++
    start = 0
}

{ lines = FNR }

/^[{]/ { start = FNR }

/^[}]/ && start {
    size = FNR - start + 1
    functions++
    if (size >= 60)
        over_60++
    if (size > longest) {
        longest = size
        longest_at = file ":" start
    }
    if (size > 100)
        complain(start, "the function has " size " lines")
    start = 0
}

END {
    end_of_file()
    if (report)
        printf "%d files, %d functions, %d of them of 60 lines or more, the longest %d (%s)\n",
            files, functions, over_60, longest, longest_at
}
