NAME        
OBJSENSE
  MAX
ROWS
 N  Obj     
 L  r0      
 L  r1      
 L  r2      
 L  r3      
 L  r4      
 L  r5      
 L  r6      
 L  r7      
 G  r8      
 G  r9      
 L  r10     
 L  r11     
 L  r12     
COLUMNS
    MARK0000  'MARKER'                 'INTORG'
    c0        r0        -0.375
    c0        r5        1
    c0        r7        -1
    c0        r11       1
    c1        r1        -0.20000000000000001
    c1        r5        1
    c1        r6        -1
    c1        r7        -1
    c1        r11       1
    c2        r2        -0.75
    c2        r11       1
    c3        r2        -0.75
    c3        r10       1
    c4        r1        -0.20000000000000001
    MARK0001  'MARKER'                 'INTEND'
    c5        Obj       66.666666666666657
    c5        r0        1
    c6        Obj       66.666666666666657
    c6        r1        1
    c6        r3        1
    c7        Obj       66.666666666666657
    c7        r2        1
    c7        r4        1
    MARK0002  'MARKER'                 'INTORG'
    c8        r3        -1
    c8        r8        -1
    c8        r9        -1
    c9        r4        -1
    c10       r6        1
    c10       r9        1
    c11       r5        -1
    c11       r7        1
    c12       r8        1
    c12       r9        -1
    c13       r10       -2
    c13       r12       1
    c14       r11       -1
    c14       r12       1
    MARK0003  'MARKER'                 'INTEND'
RHS
    RHS_V     r9        -1
    RHS_V     r12       1
BOUNDS
 BV BOUND     c0      
 BV BOUND     c1      
 BV BOUND     c2      
 UI BOUND     c3        2
 BV BOUND     c4      
 UP BOUND     c5        1
 UP BOUND     c6        1
 UP BOUND     c7        1
 BV BOUND     c8      
 BV BOUND     c9      
 BV BOUND     c10     
 BV BOUND     c11     
 BV BOUND     c12     
 BV BOUND     c13     
 BV BOUND     c14     
ENDATA
