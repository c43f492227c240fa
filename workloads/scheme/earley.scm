; earley: a parser for any context-free grammar (Earley 1970), and the number of trees that it finds.
; Charts are vectors of lists of items; items are vectors that live until the parse is over.
;
; (run size) parses 6 + 2 size terminals with the most ambiguous of grammars, S -> S S | a, whose trees
; are counted by the Catalan numbers; then sums of as many numbers with an unambiguous one, of which
; there is one tree. It returns both counts and the number of items.
;
;= size 1 answer (429 1 1023) allocates 7942000
;= size 2 answer (4862 1 1295) allocates 11781000
;= size 3 answer (58786 1 1589) allocates 17142000
;= size 5 answer (9694845 1 2173) allocates 29586000

; --- grammars: (start (symbol alternative ...) ...); a symbol without a rule is a terminal ---------------

(define ambiguous '(s (s (s s) (a))))

(define sums
  '(sum (sum (sum plus product) (product))
        (product (product times factor) (factor))
        (factor (number) (open sum close))))

(define (alternatives grammar symbol)
  (let ((rule (assq symbol (cdr grammar))))
    (and rule (cdr rule))))

; --- items: a rule, what is left of it, where it began, and its trees so far -----------------------------

; The number of trees grows while an item is found again by other ways.
(define (make-item symbol rest origin) (vector symbol rest origin 0))
(define (item-symbol item) (vector-ref item 0))
(define (item-rest item) (vector-ref item 1))
(define (item-origin item) (vector-ref item 2))

(define (same-item? item symbol rest origin)
  (and (eq? (item-symbol item) symbol)
       (eq? (item-rest item) rest)
       (= (item-origin item) origin)))

(define (find-item items symbol rest origin)
  (cond ((null? items) #f)
        ((same-item? (car items) symbol rest origin) (car items))
        (else (find-item (cdr items) symbol rest origin))))

; --- recognising -----------------------------------------------------------------------------------------

; The chart after the words: a vector of lists of items, one for each place between them.
(define (recognise grammar words)
  (let* ((count (length words))
         (chart (make-vector (+ count 1) '()))
         (worklist '()))
    (define (add! place symbol rest origin)
      (if (not (find-item (vector-ref chart place) symbol rest origin))
          (let ((item (make-item symbol rest origin)))
            (vector-set! chart place (cons item (vector-ref chart place)))
            (set! worklist (cons (cons place item) worklist)))))
    (define (predict place symbol)
      (for-each (lambda (alternative) (add! place symbol alternative place))
                (alternatives grammar symbol)))
    ; A completed item lets those go on that wait for its symbol.
    (define (complete place item)
      (for-each (lambda (waiting)
                  (if (and (pair? (item-rest waiting))
                           (eq? (car (item-rest waiting)) (item-symbol item)))
                      (add! place (item-symbol waiting) (cdr (item-rest waiting))
                            (item-origin waiting))))
                (vector-ref chart (item-origin item))))
    (define (process place item word)
      (let ((rest (item-rest item)))
        (cond ((null? rest) (complete place item))
              ((alternatives grammar (car rest)) (predict place (car rest)))
              ((eq? (car rest) word) (add! (+ place 1) (item-symbol item) (cdr rest)
                                           (item-origin item))))))
    (define (drain place word later)
      (if (null? worklist)
          (set! worklist later)
          (let ((next (car worklist)))
            (set! worklist (cdr worklist))
            (cond ((= (car next) place)
                   (process place (cdr next) word)
                   (drain place word later))
                  (else (drain place word (cons next later)))))))
    (predict 0 (car grammar))
    (let next ((place 0) (words words))
      (drain place (if (null? words) 'end (car words)) '())
      (if (pair? words) (next (+ place 1) (cdr words))))
    chart))

; --- counting trees --------------------------------------------------------------------------------------

; Trees of the symbol between two places, by the chart's completed items; remembered in a table.
(define (count-trees grammar words chart)
  (let* ((count (length words))
         (sentence (list->vector words))
         (table (make-vector (+ count 1) '())))
    (define (remember symbol from to trees)
      (vector-set! table from (cons (vector symbol to trees) (vector-ref table from)))
      trees)
    (define (find symbol to entries)
      (cond ((null? entries) #f)
            ((and (eq? (vector-ref (car entries) 0) symbol) (= (vector-ref (car entries) 1) to))
             (vector-ref (car entries) 2))
            (else (find symbol to (cdr entries)))))
    (define (completed? symbol from to)
      (let search ((items (vector-ref chart to)))
        (and (pair? items)
             (or (and (null? (item-rest (car items)))
                      (eq? (item-symbol (car items)) symbol)
                      (= (item-origin (car items)) from))
                 (search (cdr items))))))
    (define (trees symbol from to)
      (cond ((not (alternatives grammar symbol))
             (if (and (= to (+ from 1)) (eq? (vector-ref sentence from) symbol)) 1 0))
            ((find symbol to (vector-ref table from)))
            ((not (completed? symbol from to)) 0)
            (else
             (remember symbol from to
                       (apply + (map (lambda (alternative) (sequences alternative from to))
                                     (alternatives grammar symbol)))))))
    ; Every symbol of the sequence takes at least one word.
    (define (sequences symbols from to)
      (cond ((null? (cdr symbols)) (trees (car symbols) from to))
            (else
             (do ((middle (+ from 1) (+ middle 1))
                  (sum 0 (let ((left (trees (car symbols) from middle)))
                           (if (= left 0)
                               sum
                               (+ sum (* left (sequences (cdr symbols) middle to)))))))
                 ((>= middle to) sum)))))
    (trees (car grammar) 0 count)))

; --- sentences -------------------------------------------------------------------------------------------

(define (repeat word count) (if (= count 0) '() (cons word (repeat word (- count 1)))))

; number plus number times ( number plus ... ), of `count` numbers.
(define (long-sum count)
  (cond ((= count 1) '(number))
        ((= (modulo count 3) 0) `(number times open ,@(long-sum (- count 1)) close))
        (else `(number plus ,@(long-sum (- count 1))))))

(define (items-of chart) (apply + (map length (vector->list chart))))

(define (run size)
  (let* ((count (+ 6 (* 2 size)))
         (letters (repeat 'a count))
         (sum (long-sum (* 8 count)))
         (letters-chart (recognise ambiguous letters))
         (sum-chart (recognise sums sum)))
    (list (count-trees ambiguous letters letters-chart)
          (count-trees sums sum sum-chart)
          (+ (items-of letters-chart) (items-of sum-chart)))))
