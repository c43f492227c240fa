; words: strings and vectors. A text is composed of random words, taken apart again, its words counted in
; a hash table that grows, and sorted; in the end the text is put together from what was counted.
;
; (run size) does so for 5,000 size words. It returns the number of different words, the most frequent one
; and how often it came, and a sum that depends on the sorted words.
;
;= size 1 answer (2605 "ka" 49 500317101) allocates 21213000
;= size 2 answer (4488 "ka" 88 483381614) allocates 41554000
;= size 3 answer (5978 "ka" 127 43614826) allocates 57369000
;= size 5 answer (8430 "ne" 191 998496561) allocates 94467000

(define seed 7)
(define (random limit)
  (set! seed (modulo (* seed 16807) 2147483647))
  (modulo seed limit))

; --- a text ----------------------------------------------------------------------------------------------

(define consonants "bdfgklmnprst")
(define vowels "aeiou")

(define (pick string) (string-ref string (random (string-length string))))

; Short words come more often than long ones, and so come again.
(define (random-word)
  (let* ((syllables (+ 1 (quotient (random 10) 4)))
         (word (make-string (* 2 syllables))))
    (do ((place 0 (+ place 2)))
        ((= place (* 2 syllables)) word)
      (string-set! word place (pick consonants))
      (string-set! word (+ place 1) (pick vowels)))))

(define (random-text words)
  (let next ((words words) (lines '()) (line "") (in-line 0))
    (cond ((= words 0) (join (reverse (cons line lines)) "\n"))
          ((= in-line 10) (next words (cons line lines) "" 0))
          (else (next (- words 1) lines
                      (string-append line (if (= in-line 0) "" " ") (random-word))
                      (+ in-line 1))))))

; Halves are joined first, so that no part is copied more than a few times.
(define (join strings between)
  (cond ((null? strings) "")
        ((null? (cdr strings)) (car strings))
        (else
         (let pairs ((strings strings) (joined '()))
           (cond ((null? strings) (join (reverse joined) between))
                 ((null? (cdr strings)) (join (reverse (cons (car strings) joined)) between))
                 (else
                  (pairs (cddr strings)
                         (cons (string-append (car strings) between (cadr strings)) joined))))))))

(define (letter? character)
  (and (char-alphabetic? character) (not (char-whitespace? character))))

; Calls the procedure with each word.
(define (for-each-word procedure text)
  (let ((length (string-length text)))
    (let next ((place 0) (begin-of-word #f))
      (cond ((and (< place length) (letter? (string-ref text place)))
             (next (+ place 1) (or begin-of-word place)))
            (else
             (if begin-of-word (procedure (substring text begin-of-word place)))
             (if (< place length) (next (+ place 1) #f)))))))

; --- a table: a vector of the size, and of buckets of (word . count) --------------------------------------

(define (make-table) (vector 0 (make-vector 16 '())))

(define (hash word buckets)
  (let ((length (string-length word)))
    (do ((place 0 (+ place 1))
         (sum 17 (modulo (+ (* 37 sum) (char->integer (string-ref word place))) 16777213)))
        ((= place length) (modulo sum buckets)))))

(define (bucket-entry word entries)
  (cond ((null? entries) #f)
        ((string=? (caar entries) word) (car entries))
        (else (bucket-entry word (cdr entries)))))

(define (insert! buckets entry)
  (let ((bucket (hash (car entry) (vector-length buckets))))
    (vector-set! buckets bucket (cons entry (vector-ref buckets bucket)))))

(define (grow! table)
  (let ((larger (make-vector (* 2 (vector-length (vector-ref table 1))) '())))
    (for-each (lambda (bucket) (for-each (lambda (entry) (insert! larger entry)) bucket))
              (vector->list (vector-ref table 1)))
    (vector-set! table 1 larger)))

(define (count! table word)
  (let* ((buckets (vector-ref table 1))
         (entry (bucket-entry word (vector-ref buckets (hash word (vector-length buckets))))))
    (cond (entry (set-cdr! entry (+ (cdr entry) 1)))
          (else
           (insert! buckets (cons word 1))
           (vector-set! table 0 (+ (vector-ref table 0) 1))
           (if (> (vector-ref table 0) (* 2 (vector-length buckets))) (grow! table))))))

(define (entries table)
  (apply append (vector->list (vector-ref table 1))))

; --- sorting a vector by merging ---------------------------------------------------------------------------

(define (sort! items less?)
  (let ((scratch (make-vector (vector-length items) 0)))
    (define (merge! from middle to)
      (let next ((left from) (right middle) (place from))
        (if (< place to)
            (if (and (< left middle)
                     (or (= right to)
                         (not (less? (vector-ref items right) (vector-ref items left)))))
                (begin
                  (vector-set! scratch place (vector-ref items left))
                  (next (+ left 1) right (+ place 1)))
                (begin
                  (vector-set! scratch place (vector-ref items right))
                  (next left (+ right 1) (+ place 1))))))
      (do ((place from (+ place 1)))
          ((= place to))
        (vector-set! items place (vector-ref scratch place))))
    (let sort ((from 0) (to (vector-length items)))
      (if (> (- to from) 1)
          (let ((middle (quotient (+ from to) 2)))
            (sort from middle)
            (sort middle to)
            (merge! from middle to))))
    items))

(define (before? left right)
  (cond ((> (cdr left) (cdr right)) #t)
        ((< (cdr left) (cdr right)) #f)
        (else (string<? (car left) (car right)))))

; --- the whole ---------------------------------------------------------------------------------------------

(define (digest words)
  (let ((length (vector-length words)))
    (do ((place 0 (+ place 1))
         (sum 0 (modulo (+ (* 31 sum)
                           (* (cdr (vector-ref words place))
                              (hash (car (vector-ref words place)) 65521)))
                        1000000007)))
        ((= place length) sum))))

(define (run size)
  (set! seed 7)
  (let ((table (make-table)) (text (random-text (* 5000 size))) (words 0))
    (for-each-word (lambda (word) (set! words (+ words 1)) (count! table word)) text)
    (if (not (= words (* 5000 size))) (error "a word was lost: there are" words))
    (let* ((sorted (sort! (list->vector (entries table)) before?))
           (first (vector-ref sorted 0)))
      (if (not (eq? (string->symbol (car first)) (string->symbol (string-copy (car first)))))
          (error "two symbols of one name"))
      (list (vector-ref table 0) (car first) (cdr first) (digest sorted)))))
