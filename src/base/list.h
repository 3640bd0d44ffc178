/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked lists whose links stand inside the elements. A list's head is a link of its own;
 * an empty list is a head that points to itself. The owner of a list says which lock guards it.
 */
#ifndef PLI_BASE_LIST_H
#define PLI_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct pli_list {
    struct pli_list *next;
    struct pli_list *prev;
};

/* The structure of TYPE whose MEMBER the pointer LINK points to. */
#define pli_container_of(link, type, member)                                                       \
    ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* Walks over the links of HEAD; LINK must stay in the list during its round. */
#define pli_list_for_each(link, head)                                                              \
    for (struct pli_list *link = (head)->next; link != (head); link = link->next)

/* The same, but the round may remove LINK from the list. */
#define pli_list_for_each_safe(link, after, head)                                                  \
    for (struct pli_list *link = (head)->next, *after = link->next; link != (head);                \
         link = after, after = link->next)

static inline void pli_list_init(struct pli_list *list)
{
    list->next = list;
    list->prev = list;
}

static inline bool pli_list_is_empty(const struct pli_list *list)
{
    return list->next == list;
}

static inline void pli_list_insert(struct pli_list *prev, struct pli_list *next,
                                   struct pli_list *link)
{
    link->prev = prev;
    link->next = next;
    prev->next = link;
    next->prev = link;
}

static inline void pli_list_append(struct pli_list *list, struct pli_list *link)
{
    pli_list_insert(list->prev, list, link);
}

static inline void pli_list_prepend(struct pli_list *list, struct pli_list *link)
{
    pli_list_insert(list, list->next, link);
}

/* Leaves LINK an empty list, so that removing it again is harmless. */
static inline void pli_list_remove(struct pli_list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    pli_list_init(link);
}

#endif
