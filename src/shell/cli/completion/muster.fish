
# Prints the value of the row of $argv[2..] with the name $argv[1].
function __muster_find
    for row in $argv[2..]
        set -l fields (string split -m 2 '|' -- $row)
        if test "$fields[1]" = "$argv[1]"
            echo -- $fields[2]
            return 0
        end
    end
    return 1
end

# What the word at the cursor can be, one on a line, with a description after a tab.
function __muster_candidates
    set -l words (commandline -opc)[2..]
    # As it is meant: without the quotes, of which the last may not be typed yet.
    set -l typed (string replace -r '^(-[^=]*=)?[\'"]' '$1' -- (commandline -ct))
    set -l current (string unescape -- $typed; or echo -- $typed)
    set -l rows (__muster_rows '')
    set -l path
    while set -q words[1]; and string match -qr '^[a-z]' -- "$words[1]"; and __muster_find "$words[1]" $rows >/dev/null
        set -a path $words[1]
        set rows (__muster_rows "$path")
        set -e words[1]
    end
    set -l pending
    set -l option
    set -l ended
    set -l inventory
    set -l operands 1
    for word in $words
        if test -n "$ended"; or not string match -q -- '-?*' "$word"
            if test -z "$pending"
                set operands (math $operands + 1)
            else if not string match -q '*...' -- "$pending"
                contains -- "$option" -i --inventory; and set inventory $word
                set pending
            end
        else if test "$word" = --
            set ended 1
            set pending (__muster_find -- $rows)
        else
            set option (string split -m 1 = -- $word)
            set pending
            if not set -q option[2]
                set pending (__muster_find $word $rows)
            else if test "$option[1]" = --inventory
                set inventory $option[2]
            end
            set option $option[1]
        end
    end
    set -l want
    set -l prefix ''
    if test -z "$ended"; and string match -q -- '--*=*' "$current"
        set -l parts (string split -m 1 = -- $current)
        set prefix $parts[1]=
        set want (__muster_find $parts[1] $rows)
    else if test -z "$ended"; and string match -q -- '-*' "$current"; and not string match -qr '[^.]$' -- "$pending"
        set want option
    else if test -n "$pending"
        set want $pending
    else
        set want (__muster_find "#$operands" $rows; or __muster_find '#*' $rows; or echo subcommand)
    end
    set want (string replace -r '\.\.\.$' '' -- "$want")
    if test "$want" = command
        set -e path[-1]
        set rows (__muster_rows "$path")
    end
    switch "$want"
        case '=*'
            set -l values (string split , -- (string sub -s 2 -- $want))
            string join \n -- $prefix$values
        case file folder
            set -l place (string sub -s (math 1 + (string length -- "$prefix")) -- "$current")
            set -l found (test "$want" = file; and __fish_complete_path $place; or __fish_complete_directories $place)
            string join \n -- $prefix$found
        case option command subcommand
            for row in $rows
                set -l fields (string split -m 2 '|' -- $row)
                string match -qr (test "$want" = option; and echo '^-'; or echo '^[a-z]') -- "$fields[1]"
                and test "$fields[1]" != --
                and printf '%s\t%s\n' $fields[1] $fields[3]
            end
        case selector host check cluster log profiler
            set -l arguments --names $want
            set -q inventory[1]; and set -a arguments --inventory=(string replace -r '^~/' "$HOME/" -- $inventory)
            set -l found (command muster completion $arguments 2>/dev/null </dev/null)
            # A comma within brackets begins no term.
            set -l terms (test "$want" = selector; and string match -r '^(?:[^[(]|\[[^]]*\]|\([^)]*\))*[,!]' -- (string sub -s (math 1 + (string length -- "$prefix")) -- "$current"))
            string join \n -- $prefix"$terms"$found
    end
end

complete -c muster -f -a '(__muster_candidates)'
